/**
 * Processes, by what never comes again: pid, start time, boot and pid namespace. mailbox-spec §5.1.
 * The only file in which Linux (/proc) and macOS (ps, sysctl) differ.
 */

import * as fs from 'node:fs'
import type { ProcessMark } from '../protocol/card.ts'
import { isExhausted, readText } from './disk.ts'

export type Liveness = 'alive' | 'dead' | 'unknown'

type Row = {
  state: string
  parent: number
  group: number
  foreground: number
  terminal: string
  start: string
}

const LINUX = process.platform === 'linux'

/** The mark of a running process, or undefined when there is none of this pid. */
export function markOf(pid: number): ProcessMark | undefined {
  const row = look(pid)
  if (row === undefined || row.state.startsWith('Z')) return undefined
  return { pid, start: row.start, boot: bootId(), pid_namespace: pidNamespace() }
}

/** Exact on this host; `unknown` for a process of another pid namespace, which cannot be seen from here. */
export function liveness(mark: ProcessMark): Liveness {
  if (mark.boot !== bootId()) return 'dead'
  if (mark.pid_namespace !== pidNamespace()) return 'unknown'
  return markOf(mark.pid)?.start === mark.start ? 'alive' : 'dead'
}

export function parentOf(pid: number): number | undefined {
  return look(pid)?.parent
}

/** The pid itself, its parent and so on up to the first process. */
export function ancestryOf(pid: number): number[] {
  const line = [pid]
  for (let up = parentOf(pid); up !== undefined && up > 0 && !line.includes(up); up = parentOf(up))
    line.push(up)
  return line
}

/** True when `pid` is the process `ancestor` or was started by it, directly or through others. */
export function isBelow(pid: number, ancestor: number): boolean {
  for (let up: number | undefined = pid; up !== undefined && up > 0; up = parentOf(up))
    if (up === ancestor) return true
  return false
}

/** True while the keys of its terminal go to this process: its group is the terminal's foreground group, not stopped. */
export function readsItsTerminal(pid: number): boolean {
  const row = look(pid)
  return row !== undefined && row.foreground > 0 && row.foreground === row.group && !/^[TtZ]/.test(row.state)
}

/** The terminal of a process as the kernel names it, to compare with another process's; '' where it has none. */
export function terminalOf(pid: number): string {
  return look(pid)?.terminal ?? ''
}

/** True for a process that was stopped (Ctrl+Z): it lives, and does nothing. */
export function isStopped(pid: number): boolean {
  return /^[Tt]/.test(look(pid)?.state ?? '')
}

/** The words that this process was started with; on macOS as ps tells them, split at blanks. Empty where there is none. */
export function commandLine(pid: number): string[] {
  if (!LINUX)
    return (
      run('ps', ['-ww', '-o', 'args=', '-p', String(pid)])
        ?.trim()
        .split(/\s+/) ?? []
    )
  return (readText(`/proc/${pid}/cmdline`) ?? '').split('\0').filter((word) => word !== '')
}

function look(pid: number): Row | undefined {
  return LINUX ? fromProc(pid) : fromPs(pid)
}

function fromProc(pid: number): Row | undefined {
  const text = readStat(pid)
  // The command's name is in brackets and may hold anything, brackets too.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields === undefined) return undefined
  const [state, parent, group, , terminal, foreground] = fields
  return {
    state: state ?? '',
    parent: Number(parent),
    group: Number(group),
    foreground: Number(foreground),
    terminal: terminal === '0' ? '' : (terminal ?? ''),
    start: fields[19] ?? '',
  }
}

function readStat(pid: number): string | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, 'utf8') // half the calls of any other encoding
  } catch (error) {
    if (isExhausted(error)) throw error // it may live
    return undefined // ENOENT or ESRCH: no such process
  }
}

/** The same row by ps, which macOS and Linux both have; exported for the test that compares the two. */
export function fromPs(pid: number): Row | undefined {
  const columns = 'stat=,ppid=,pgid=,tpgid=,tty=,lstart='
  const line = run('ps', ['-ww', '-o', columns, '-p', String(pid)])
  const match = line?.trim().match(/^(\S+)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(\S+)\s+(.+)$/)
  if (!match) return undefined
  const [, state, parent, group, foreground, terminal, start] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  return {
    state,
    parent: Number(parent),
    group: Number(group),
    foreground: Number(foreground),
    terminal: terminal.replace(/^\?+$/, ''),
    start,
  }
}

function run(command: string, args: string[]): string | undefined {
  // Loaded only where it is needed: requiring it costs a hook three milliseconds.
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const done = spawnSync(command, args, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
  })
  return done.status === 0 ? done.stdout : undefined
}

let boot: string | undefined

export function bootId(): string {
  boot ??=
    (LINUX
      ? readText('/proc/sys/kernel/random/boot_id')
      : run('sysctl', ['-n', 'kern.bootsessionuuid'])
    )?.trim() ?? ''
  return boot
}

let machine: string | undefined

/** What the system calls this machine, the same after every start; undefined where it says nothing (a container). */
export function machineId(): string | undefined {
  machine ??= LINUX ? readMachineId() : askMachineId()
  return machine || undefined
}

function readMachineId(): string {
  try {
    return readText('/etc/machine-id')?.trim() ?? ''
  } catch {
    return '' // EACCES
  }
}

function askMachineId(): string {
  const about = run('/usr/sbin/ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice'])
  return about?.match(/"IOPlatformUUID" = "([^"]+)"/)?.[1] ?? ''
}

let namespace: string | undefined

/** A process never changes its own. */
function pidNamespace(): string {
  namespace ??= LINUX ? fs.readlinkSync('/proc/self/ns/pid') : ''
  return namespace
}
