/**
 * The courier as a service of the user's session, for who wants it to run at all times: one file for the system's own
 * manager. Everything is looked at before anything is written.
 */

import * as path from 'node:path'
import { RepowireError } from '../../protocol/errors.ts'
import { isThere, removeLitter } from '../../spool/disk.ts'
import { checkWritable, isExecutable, readForeign, replaceForeign } from '../../spool/foreign.ts'
import type { Tree } from '../../spool/tree.ts'
import { type Environment, launchOf, MARK } from './launch.ts'
import { type Manager, managerOf } from './manager.ts'

/** `text` is what `file` is to hold; `before` what it holds, undefined for no file. */
export type ServicePlan = {
  file: string
  before: Buffer | undefined
  text: string
  changed: boolean
  manager: Manager
}

/** For printing. `runs`: the manager has started it. */
export type ServiceReport = { changes: { file: string; what: string }[]; warnings: string[]; runs: boolean }

export type ServiceState = {
  file?: string
  state: 'current' | 'outdated' | 'missing' | 'taken' | 'unreadable' | 'unknown'
}

/**
 * What `installService` would write. Writes and runs nothing. Errors: service-missing where the system has no manager that we
 * know; service-taken for a file of that name that is not ours; service-failed, not-writable.
 */
export function planService(tree: Tree, env: Environment, platform = process.platform): ServicePlan {
  const manager = managerOf(env, platform)
  if (manager === undefined || !isOnPath(env, manager.program)) throw missing(manager?.program)
  const [file] = manager.files
  const before = readForeign(file)
  if (before !== undefined && !isOurs(before)) throw taken(file)
  const text = manager.text(launchOf(tree, env))
  const changed = !before?.equals(Buffer.from(text))
  if (changed) checkWritable(file)
  return { file, before, text, changed, manager }
}

/**
 * Writes the file where it is to change, and has the manager start the courier, now and whenever the user's session begins. Where
 * it does not (no session of the user's, as in a container), a warning says what to run. Errors: not-writable.
 */
export async function installService(plan: ServicePlan): Promise<ServiceReport> {
  const { file, before, text, changed, manager } = plan
  if (changed) replaceForeign(file, before, Buffer.from(text))
  const said = await manager.start({ isNew: before === undefined, changed })
  const what = `the courier as a service of ${manager.name} put in`
  return {
    changes: changed ? [{ file, what }] : [],
    warnings:
      said === undefined ? [] : [`${manager.name} did not start it (${said}). Run: ${manager.byHand}`],
    runs: said === undefined,
  }
}

/** `ours`: what repowire wrote, wherever it lies. `left`: another file of that name. */
export type NoServicePlan = { manager: Manager | undefined; ours: Found[]; left: string[] }
type Found = { file: string; bytes: Buffer }

/** What `removeService` would remove. Writes and runs nothing. Errors: not-writable. */
export function planNoService(env: Environment, platform = process.platform): NoServicePlan {
  const manager = managerOf(env, platform)
  const found = (manager?.files ?? []).flatMap((file) => {
    const bytes = readForeign(file)
    return bytes === undefined ? [] : [{ file, bytes }]
  })
  const ours = found.filter(({ bytes }) => isOurs(bytes))
  for (const { file } of ours) checkWritable(file)
  return { manager, ours, left: found.filter((one) => !ours.includes(one)).map(({ file }) => file) }
}

/** Stops the service and removes its file. Errors: not-writable. */
export async function removeService({ manager, ours, left }: NoServicePlan): Promise<ServiceReport> {
  const said = manager && ours.length > 0 ? await takeOut(manager, ours) : undefined
  return {
    changes: ours.map(({ file }) => ({ file, what: 'the service removed' })),
    warnings: [...notOurs(left), ...(said === undefined ? [] : [`${manager?.name} said: ${said}`])],
    runs: false,
  }
}

export function notOurs(files: string[]): string[] {
  return files.map((file) => `${file}: it stays there, since repowire did not write it.`)
}

/** The links go with it where the manager could not be reached. */
async function takeOut(manager: Manager, ours: Found[]): Promise<string | undefined> {
  const said = await manager.stop()
  for (const { file, bytes } of ours) replaceForeign(file, bytes, undefined)
  for (const link of manager.wanted) if (isThere(link)) removeLitter(link)
  return said ?? (await manager.forget())
}

/** Whether the file is in place; reads only, and never fails. */
export function serviceState(tree: Tree, env: Environment, platform = process.platform): ServiceState {
  const manager = managerOf(env, platform)
  if (manager === undefined) return { state: 'unknown' }
  const [file] = manager.files
  try {
    const bytes = readForeign(file)
    if (bytes === undefined) return { file, state: 'missing' }
    if (!isOurs(bytes)) return { file, state: 'taken' }
    const same = withoutPath(bytes.toString()) === withoutPath(manager.text(launchOf(tree, env)))
    return { file, state: same ? 'current' : 'outdated' }
  } catch {
    return { file, state: 'unreadable' }
  }
}

/** Who looks may have another PATH than who wrote it. */
function withoutPath(text: string): string {
  const says = (line: string) => /^Environment="PATH=|<key>PATH<\/key>/.test(line)
  return text
    .split('\n')
    .filter((line) => !says(line))
    .join('\n')
}

function isOurs(bytes: Buffer): boolean {
  return bytes.includes(MARK)
}

function isOnPath(env: Environment, program: string): boolean {
  const directories = (env.PATH ?? '').split(path.delimiter).filter((dir) => path.isAbsolute(dir))
  return directories.some((dir) => isExecutable(path.join(dir, program)))
}

function missing(program = 'systemctl or launchctl'): RepowireError {
  return new RepowireError(
    'service-missing',
    `This system has no service manager that repowire knows: there is no ${program}.`,
    'Leave --service out: the courier is started whenever a session needs it. Nothing was changed.',
  )
}

function taken(file: string): RepowireError {
  return new RepowireError(
    'service-taken',
    `${file} is there already, and repowire did not write it.`,
    'Move it away, then try again. Nothing was changed.',
  )
}
