// The real Claude Code client, of one fixed version, in a cache outside the repository. It is not a dependency: 175 MB that
// only these tests need, and only on the four platforms that have a native build.
import { execFile } from 'node:child_process'
import { access, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { FETCH_MS, fetched } from '../fetched.ts'

export const CLIENT_VERSION = '2.1.330'

const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64']
const run = promisify(execFile)

/** The path of the client's executable, fetched on first use. Rejects with a one-line reason when it cannot be had. */
export async function clientBinary(): Promise<string> {
  const name = packageName()
  const home = await fetched(`${name}-${CLIENT_VERSION}`, 'claude', (into) => fetchInto(name, into))
  return join(home, 'claude')
}

function packageName(): string {
  const platform = `${process.platform}-${process.arch}`
  if (!PLATFORMS.includes(platform)) throw new Error(`no native Claude Code client for ${platform}`)
  return `claude-code-${platform}`
}

async function fetchInto(name: string, into: string): Promise<void> {
  const tarball = await download(name, into)
  await unpack(tarball, into)
  await rm(tarball)
  await access(join(into, 'package', 'claude'))
  await rename(join(into, 'package', 'claude'), join(into, 'claude'))
}

async function download(name: string, into: string): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: '' } // the loader of the test runner is none of npm's business
  const spec = `@anthropic-ai/${name}@${CLIENT_VERSION}`
  await run('npm', ['pack', spec, '--loglevel=error', '--pack-destination', into], {
    cwd: into,
    env,
    timeout: FETCH_MS,
  })
  const tarball = (await readdir(into)).find((file) => file.endsWith('.tgz'))
  if (!tarball) throw new Error('npm pack wrote no tarball')
  return join(into, tarball)
}

async function unpack(tarball: string, into: string): Promise<void> {
  await run('tar', ['-xzf', tarball, '-C', into])
}
