/**
 * A real sshfs on loopback: a private sshd of this user, with keys and a configuration of its own in a short directory, and mounts
 * of directories that it serves. Ends nothing but what it started. Linux only.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'

const PATIENCE_MS = 10_000

/** `options`: those of sshfs -o, such as `dir_cache=no`. */
export type Sshd = {
  port: number
  mount(served: string, at: string, ...options: string[]): Promise<Mount>
  close(): Promise<void>
}

/** `cut`: every call on it fails with ENOTCONN from now on. Both are harmless when repeated. */
type Mount = { at: string; cut(): Promise<void>; unmount(): Promise<void> }

/** What a test is skipped with where there is no sshfs to be had; in CI it must be had. */
export function withoutSshfs(): string | false {
  const missing = whatIsMissing()
  if (missing === undefined) return false
  if (process.env.CI === 'true') throw new Error(`sshfs cannot be had: ${missing} is missing`)
  return `${missing} is missing`
}

function whatIsMissing(): string | undefined {
  for (const [program, file] of Object.entries({
    sshfs: 'sshfs',
    'openssh-server': 'sshd',
    fuse3: 'fusermount3',
  }))
    if (programPath(file) === undefined) return program
  try {
    fs.accessSync('/dev/fuse', fs.constants.R_OK | fs.constants.W_OK)
    return undefined
  } catch {
    return '/dev/fuse'
  }
}

// sshd stands where the PATH of a user that is not root does not lead, and wants to be called by its whole path.
function programPath(name: string): string | undefined {
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']
  return directories.map((dir) => join(dir, name)).find((file) => fs.existsSync(file))
}

/** Listens on a free port of 127.0.0.1 when this resolves. `close` unmounts what is still mounted, ends the sshd and removes its directory. */
export async function startSshd(): Promise<Sshd> {
  const dir = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'rw-ssh-'))
  const port = await freePort()
  writeKeys(dir, port)
  writeConfig(dir, port)
  const sshd = start(dir, programPath('sshd') as string, ['-D', '-e', '-f', join(dir, 'config')])
  await until(() => accepts(port), sshd, dir)
  const mounts: Mount[] = []
  return {
    port,
    mount: async (served, at, ...options) => {
      const mount = await mountSshfs(dir, port, served, at, options)
      mounts.push(mount)
      return mount
    },
    close: async () => {
      for (const mount of mounts) await mount.unmount()
      await end(sshd)
      fs.rmSync(dir, { recursive: true, force: true })
    },
  }
}

function writeKeys(dir: string, port: number): void {
  for (const name of ['host', 'client']) {
    const { status, stderr } = spawnSync('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-f',
      join(dir, name),
    ])
    if (status !== 0) throw new Error(`ssh-keygen: ${stderr}`)
  }
  fs.copyFileSync(join(dir, 'client.pub'), join(dir, 'authorized'))
  fs.writeFileSync(
    join(dir, 'known'),
    `[127.0.0.1]:${port} ${fs.readFileSync(join(dir, 'host.pub'), 'utf8')}`,
  )
}

function writeConfig(dir: string, port: number): void {
  // Where sshd, as root, puts its unprivileged half; a service that never ran has not made it.
  if (process.getuid?.() === 0) fs.mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const lines = [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${join(dir, 'host')}`,
    'PidFile none',
    `AuthorizedKeysFile ${join(dir, 'authorized')}`,
    'StrictModes no',
    'AuthenticationMethods publickey',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    `AllowUsers ${userInfo().username}`,
    'Subsystem sftp internal-sftp',
    'LogLevel ERROR',
  ]
  fs.writeFileSync(join(dir, 'config'), `${lines.join('\n')}\n`)
}

async function mountSshfs(
  dir: string,
  port: number,
  served: string,
  at: string,
  options: string[],
): Promise<Mount> {
  const own = [
    '-F/dev/null',
    `-oPort=${port}`,
    `-oIdentityFile=${join(dir, 'client')}`,
    '-oIdentitiesOnly=yes',
    '-oStrictHostKeyChecking=yes',
    `-oUserKnownHostsFile=${join(dir, 'known')}`,
  ]
  const given = options.map((option) => `-o${option}`)
  const before = fs.statSync(at).dev
  const args = ['-f', ...own, ...given, `${userInfo().username}@127.0.0.1:${served}`, at]
  const sshfs = start(dir, 'sshfs', args)
  await until(() => fs.statSync(at).dev !== before, sshfs, dir)
  return {
    at,
    cut: () => end(sshfs, 'SIGKILL'),
    unmount: async () => {
      // Lazily: a process of the test that still has a file open there must not keep it.
      if (isMounted(at)) spawnSync('fusermount3', ['-u', '-z', at])
      await end(sshfs)
      await until(() => !isMounted(at), undefined, dir)
    },
  }
}

function isMounted(at: string): boolean {
  const escaped = at.replaceAll(' ', '\\040')
  return fs.readFileSync('/proc/mounts', 'utf8').includes(` ${escaped} fuse.sshfs `)
}

type Started = ChildProcess & { log: string }

/** What it says goes into a file: nobody reads a pipe while a test waits for the file system. */
function start(dir: string, program: string, args: string[]): Started {
  const log = join(fs.mkdtempSync(join(dir, 'log-')), 'stderr')
  const fd = fs.openSync(log, 'a')
  const child = spawn(program, args, { stdio: ['ignore', fd, fd] })
  fs.closeSync(fd)
  return Object.assign(child, { log })
}

const isOver = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

/** SIGTERM, and SIGKILL where that is not enough. */
async function end(child: ChildProcess, ...signals: NodeJS.Signals[]): Promise<void> {
  for (const signal of [...signals, 'SIGTERM', 'SIGKILL'] as const) {
    if (isOver(child)) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await Promise.race([exit, sleep(PATIENCE_MS / 5)])
  }
}

async function until(
  done: () => boolean | Promise<boolean>,
  child: Started | undefined,
  what: string,
): Promise<void> {
  for (const start = performance.now(); !(await done()); await sleep(20)) {
    const said = child === undefined ? what : fs.readFileSync(child.log, 'utf8')
    if (child !== undefined && isOver(child)) throw new Error(`${child.spawnfile} ended: ${said}`)
    if (performance.now() - start > PATIENCE_MS) throw new Error(`waited for too long: ${said}`)
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const answer = await new Promise<boolean>((resolve) => {
    socket.once('data', () => resolve(true)).once('error', () => resolve(false))
  })
  socket.destroy()
  return answer
}
