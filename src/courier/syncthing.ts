/** The Syncthing of this host: where it listens, which of its folders holds the root, and what about that folder is not as a mailbox wants it. */

import * as path from 'node:path'
import { RepowireError } from '../protocol/errors.ts'
import { readText, realPath } from '../spool/disk.ts'

export type Access = { api: string; key: string }

/** As GET /rest/config/folders tells of one; only what is looked at. */
export type Folder = {
  id: string
  path: string
  type: string
  paused: boolean
  ignorePerms: boolean
  ignoreDelete: boolean
  fsWatcherEnabled: boolean
  fsWatcherDelayS: number
  versioning: { type: string }
}

const PATIENCE_MS = 10_000

/** From the config.xml of the first place that has one: `home`, else where Syncthing keeps it. Undefined where there is none. */
export function findAccess(env: NodeJS.ProcessEnv, home?: string): Access | undefined {
  const places = home === undefined ? usualHomes(env) : [home]
  for (const place of places) {
    const access = accessIn(readText(path.join(place, 'config.xml')) ?? '')
    if (access !== undefined) return access
  }
  return undefined
}

function usualHomes({
  HOME = '',
  STHOMEDIR,
  STCONFDIR,
  XDG_STATE_HOME,
  XDG_CONFIG_HOME,
}: NodeJS.ProcessEnv): string[] {
  return [
    ...[STHOMEDIR, STCONFDIR].flatMap((dir) => dir ?? []),
    path.join(XDG_STATE_HOME ?? path.join(HOME, '.local/state'), 'syncthing'),
    path.join(XDG_CONFIG_HOME ?? path.join(HOME, '.config'), 'syncthing'),
    path.join(HOME, 'Library/Application Support/Syncthing'),
  ]
}

function accessIn(config: string): Access | undefined {
  const [, words = '', gui = ''] = /<gui([^>]*)>([\s\S]*?)<\/gui>/.exec(config) ?? []
  const address = /<address>([^<]+)<\/address>/.exec(gui)?.[1]
  const key = /<apikey>([^<]+)<\/apikey>/.exec(gui)?.[1]
  if (address === undefined || key === undefined) return undefined
  const scheme = /tls="true"/.test(words) ? 'https' : 'http'
  return { api: `${scheme}://${address.replace(/^0\.0\.0\.0|^\[::\]/, '127.0.0.1')}`, key }
}

/** The folder that holds this directory, and the directory's place in it: '' or a path that ends in a slash. Errors: share-failed. */
export async function findFolder(access: Access, root: string): Promise<{ folder: Folder; prefix: string }> {
  const folders = await ask(access, '/rest/config/folders')
  const found = deepestHolding(folders as Folder[], root)
  if (found !== undefined) return found
  throw new RepowireError(
    'share-failed',
    `None of the folders of Syncthing at ${access.api} holds ${root}.`,
    'Add it as a folder in Syncthing, share that with the other machine, and run this again.',
  )
}

/** Of folders in folders the innermost: the outer one may ignore it. */
function deepestHolding(folders: Folder[], root: string): { folder: Folder; prefix: string } | undefined {
  const holding = folders.flatMap((folder) => {
    const inside = insideOf(folder, root)
    return inside === undefined ? [] : [{ folder, prefix: inside === '' ? '' : `${inside}/` }]
  })
  return holding.sort((a, b) => a.prefix.length - b.prefix.length)[0]
}

/** The place of a directory in a folder; undefined where it lies elsewhere. */
function insideOf(folder: Folder, dir: string): string | undefined {
  const inside = path.relative(realPath(untilde(folder.path)), realPath(dir))
  return inside === '..' || inside.startsWith('../') || path.isAbsolute(inside) ? undefined : inside
}

function untilde(dir: string): string {
  return dir.replace(/^~(?=\/|$)/, process.env.HOME ?? '~')
}

async function ask({ api, key }: Access, what: string): Promise<unknown> {
  const response = await fetch(api + what, {
    headers: { 'X-API-Key': key },
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error: Error) => {
    throw cannotAsk(
      api,
      `does not answer (${causeOf(error)})`,
      'Start Syncthing, or say where it listens: --api http://127.0.0.1:8384',
    )
  })
  if (response.status === 401 || response.status === 403)
    throw cannotAsk(api, 'does not take this key', 'Give the one of its settings, General: --api-key <key>')
  if (!response.ok)
    throw cannotAsk(api, `says ${response.status}`, 'Is that Syncthing? Say where it listens: --api <url>')
  return await response.json().catch(() => {
    throw cannotAsk(api, 'does not speak as Syncthing does', 'Say where Syncthing listens: --api <url>')
  })
}

function causeOf(error: Error): string {
  const cause = error.cause as { code?: string } | undefined
  return cause?.code ?? error.message
}

function cannotAsk(api: string, what: string, next: string): RepowireError {
  return new RepowireError('share-failed', `Syncthing at ${api} ${what}.`, `${next}.`)
}

/** `bad`: the mailbox suffers. */
export type Remark = { bad: boolean; what: string; next?: string }

/** What of a folder is as a mailbox wants it, and what is not. `nudged`: it is told of new messages. */
export function judgeFolder(folder: Folder, nudged: boolean): Remark[] {
  const edit = `In Syncthing: the folder ${folder.id}, Edit, `
  const rows: [boolean, string, string, string][] = [
    [!folder.paused, 'it runs', 'it is paused', 'In Syncthing: resume it.'],
    [
      folder.type === 'sendreceive',
      'it sends and receives',
      `its type is ${folder.type}: nothing comes back from here`,
      `${edit}Advanced, Folder Type: Send & Receive.`,
    ],
    [
      folder.versioning.type === '',
      'it keeps no versions',
      `it keeps versions (${folder.versioning.type}): each move of a message is kept as a version`,
      `${edit}File Versioning: none.`,
    ],
    [
      !folder.ignorePerms,
      'it keeps permissions',
      'it ignores permissions: messages can be read by other users on the other machine',
      `${edit}Advanced, Ignore Permissions: off.`,
    ],
    [
      !folder.ignoreDelete,
      'it deletes what was deleted',
      'it ignores deletes: what has moved on comes back',
      'In Syncthing: Advanced Configuration, Folders, Ignore Delete: off.',
    ],
    [
      folder.fsWatcherEnabled,
      'it watches for changes',
      'it does not watch for changes: the state of a message shows an hour late',
      `${edit}Advanced, Watch for Changes: on.`,
    ],
  ]
  const remarks = rows.map(([good, is, isNot, next]) =>
    good ? { bad: false, what: is } : { bad: true, what: isNot, next },
  )
  const slow = !nudged && folder.fsWatcherDelayS > 1
  const wait = `without a key it finds a new message after ${folder.fsWatcherDelayS} s`
  return slow
    ? [
        ...remarks,
        {
          bad: true,
          what: wait,
          next: 'In Syncthing: Advanced Configuration, Folders, FS Watcher Delay S: 1.',
        },
      ]
    : remarks
}

const BEGIN = '// repowire: begin'
const END = '// repowire: end'

/**
 * The text of .stignore with our lines first (the first pattern that matches counts); every other line stays as it is. What is being written belongs
 * to one host, and `state`, where the folder holds it, to nobody else.
 */
export function withIgnores(before: string, prefix: string, state: string | undefined): string {
  const ours = [
    BEGIN,
    `(?d)/${literal(prefix)}tmp`,
    ...(state === undefined ? [] : [`/${literal(state)}`]),
    END,
  ]
  const block = `${ours.join('\n')}\n`
  const found = before.match(new RegExp(`${BEGIN}\n[\\s\\S]*?${END}\n?`))
  return found === null ? block + before : before.replace(found[0], () => block)
}

/** A path as a pattern that matches it alone. */
function literal(place: string): string {
  return place.replace(/[\\*?[\]{}]/g, '\\$&')
}

/** The state directories' place in the folder, where it holds them; undefined where they lie elsewhere, as they should. */
export function stateInside(folder: Folder, state: string): string | undefined {
  return insideOf(folder, state)
}

export function ignoreFile(folder: Folder): string {
  return path.join(realPath(untilde(folder.path)), '.stignore')
}
