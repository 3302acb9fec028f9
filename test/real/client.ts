// The real Claude Code client, of one fixed version, in a cache outside the repository. It is not a dependency: 175 MB that
// only these tests need, and only on the four platforms that have a native build.
import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from './eventually.ts'

export const CLIENT_VERSION = '2.1.330'

const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64']
const DOWNLOAD_MS = 300_000
const run = promisify(execFile)

/** The path of the client's executable, fetched on first use. Rejects with a one-line reason when it cannot be had. */
export async function clientBinary(): Promise<string> {
  const name = packageName()
  const home = join(cacheDir(), `${name}-${CLIENT_VERSION}`)
  const binary = join(home, 'claude')
  if (!(await exists(binary))) await fetchOnce(name, home, binary)
  return binary
}

function packageName(): string {
  const platform = `${process.platform}-${process.arch}`
  if (!PLATFORMS.includes(platform)) throw new Error(`no native Claude Code client for ${platform}`)
  return `claude-code-${platform}`
}

function cacheDir(): string {
  const { REPOWIRE_TEST_CACHE, XDG_CACHE_HOME } = process.env
  return REPOWIRE_TEST_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'repowire-test')
}

// One process downloads, the others wait for its rename. The lock only saves downloads: the rename is what makes it safe.
async function fetchOnce(name: string, home: string, binary: string): Promise<void> {
  const lock = `${home}.fetching`
  await mkdir(cacheDir(), { recursive: true })
  await eventually(`download of ${name}`, async () => (await exists(binary)) || (await takeLock(lock)), {
    within: DOWNLOAD_MS,
  })
  if (await exists(binary)) return
  try {
    await fetchInto(name, home)
  } finally {
    await rm(lock, { force: true })
  }
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    if (!(await holderLives(lock))) await rm(lock, { force: true })
    return false
  }
}

async function holderLives(lock: string): Promise<boolean> {
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''))
  if (!pid) return exists(lock)
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

async function fetchInto(name: string, home: string): Promise<void> {
  const staging = await mkdtemp(`${home}.`)
  try {
    await unpack(await download(name, staging), staging)
    await access(join(staging, 'package', 'claude'))
    await renameUnlessThere(join(staging, 'package'), home)
  } catch (error) {
    throw new Error(`cannot fetch @anthropic-ai/${name}@${CLIENT_VERSION}: ${reasonOf(error)}`)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

async function download(name: string, into: string): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: '' } // the loader of the test runner is none of npm's business
  const spec = `@anthropic-ai/${name}@${CLIENT_VERSION}`
  await run('npm', ['pack', spec, '--loglevel=error', '--pack-destination', into], {
    cwd: into,
    env,
    timeout: DOWNLOAD_MS,
  })
  const tarball = (await readdir(into)).find((file) => file.endsWith('.tgz'))
  if (!tarball) throw new Error('npm pack wrote no tarball')
  return join(into, tarball)
}

async function unpack(tarball: string, into: string): Promise<void> {
  await run('tar', ['-xzf', tarball, '-C', into])
}

// A directory never replaces one that holds something: whoever was first has put the same bytes there.
async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!['EEXIST', 'ENOTEMPTY'].includes(codeOf(error))) throw error
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? ''
}

// npm's own reason is on stderr, its code on the first line; execFile's message merely repeats the command line.
function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string }
  const lines = (stderr || message || String(error)).split('\n').filter((line) => line.trim())
  const errors = lines.filter((line) => /error/i.test(line)).slice(0, 3)
  return (errors.length ? errors : lines.slice(0, 1)).join('; ')
}
