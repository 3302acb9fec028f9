// What the tests need of the registry and the project does not depend on: fetched on first use, each in one fixed version, into a
// cache outside the repository.
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './real/eventually.ts'

export const FETCH_MS = 300_000

/**
 * The directory `name` of the cache, in which `fill` has put the file `proof` and what belongs to it. Rejects with a one-line reason
 * when it cannot be had.
 */
export async function fetched(
  name: string,
  proof: string,
  fill: (into: string) => Promise<void>,
): Promise<string> {
  const home = join(cacheDir(), name)
  const ready = () => exists(join(home, proof))
  if (!(await ready())) await fetchOnce(home, ready, fill)
  return home
}

function cacheDir(): string {
  const { REPOWIRE_TEST_CACHE, XDG_CACHE_HOME } = process.env
  return REPOWIRE_TEST_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'repowire-test')
}

// One process downloads, the others wait for its rename. The lock only saves downloads: the rename is what makes it safe.
async function fetchOnce(
  home: string,
  ready: () => Promise<boolean>,
  fill: (into: string) => Promise<void>,
): Promise<void> {
  const lock = `${home}.fetching`
  await mkdir(cacheDir(), { recursive: true })
  await eventually(`download to ${home}`, async () => (await ready()) || (await takeLock(lock)), {
    within: FETCH_MS,
  })
  if (await ready()) return
  try {
    await fillAside(home, fill)
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

async function fillAside(home: string, fill: (into: string) => Promise<void>): Promise<void> {
  const staging = await mkdtemp(`${home}.`)
  try {
    await fill(staging)
    await renameUnlessThere(staging, home)
  } catch (error) {
    throw new Error(`cannot fetch ${home}: ${reasonOf(error)}`)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
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
