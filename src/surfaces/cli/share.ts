import { isUtf8 } from 'node:buffer'
import {
  type Access,
  findAccess,
  findFolder,
  ignoreFile,
  judgeFolder,
  type Remark,
  stateInside,
  withIgnores,
} from '../../courier/syncthing.ts'
import { RepowireError } from '../../protocol/errors.ts'
import { backUp, checkWritable, readForeign, replaceForeign } from '../../spool/foreign.ts'
import { forgetShare, writeShare } from '../../spool/share.ts'
import { openTree, type Tree } from '../../spool/tree.ts'
import { EXIT } from './exit-codes.ts'
import { homely, say, sayJson, table } from './print.ts'

type ShareOptions = { api?: string; apiKey?: string; config?: string; dryRun: boolean; json: boolean }

/**
 * Looks at the folder of the local Syncthing that holds the mailbox, writes what must not be synchronised into its .stignore, and remembers how the
 * courier can tell it of new messages (share.json). Changes nothing in Syncthing itself. `off` forgets that again. 1 where the folder is
 * not as a mailbox wants it. Errors: share-failed, bad-input, not-writable.
 */
export async function shareCommand(by: string, options: ShareOptions): Promise<number> {
  const tree = openTree(process.env)
  if (by === 'off') return stopSharing(tree, options.json)
  if (by !== 'syncthing')
    throw new RepowireError(
      'bad-input',
      `"${by}" is nothing that a mailbox is shared by.`,
      'Use: repowire share syncthing, or: repowire share off',
    )
  const access = accessFrom(options)
  const { folder, prefix } = await findFolder(access, tree.root)
  const state = stateInside(folder, tree.state)
  const ignores = ignoreFile(folder)
  const changed = writeIgnores(tree, ignores, prefix, state, options.dryRun)
  if (!options.dryRun) writeShare(tree, { kind: 'syncthing', ...access, folder: folder.id, prefix })
  const remarks = judgeFolder(folder, true)
  if (options.json)
    sayJson({
      ...{ folder: folder.id, path: folder.path, prefix, api: access.api },
      ignores,
      changed,
      remarks,
    })
  else say(inWords(folder.id, remarks, { ignores, changed, dryRun: options.dryRun }))
  return remarks.some(({ bad }) => bad) ? EXIT.failed : EXIT.done
}

function accessFrom({ api, apiKey, config }: ShareOptions): Access {
  const found = findAccess(process.env, config)
  const access = { api: (api ?? found?.api ?? '').replace(/\/+$/, ''), key: apiKey ?? found?.key ?? '' }
  if (access.api !== '' && access.key !== '') return access
  throw new RepowireError(
    'share-failed',
    'The settings of Syncthing were not found, and with them its address and key.',
    'Give them: --api http://127.0.0.1:8384 --api-key <key> (in Syncthing: Settings, General), or --config <its directory>. Without a key Syncthing works, and takes about ten seconds for each message; "FS Watcher Delay S" 1 in its advanced folder settings makes that one.',
  )
}

/** Whoever wrote it in another encoding would not find his own lines again. */
function textOf(file: string, bytes: Uint8Array = Buffer.alloc(0)): string {
  if (isUtf8(bytes)) return Buffer.from(bytes).toString('utf8')
  throw new RepowireError(
    'share-failed',
    `${homely(file)} is not UTF-8, as Syncthing wants it, so it was left as it is.`,
    'Save it as UTF-8, and run this again. Nothing was changed.',
  )
}

/** True where it is, or would be, changed. */
function writeIgnores(
  tree: Tree,
  file: string,
  prefix: string,
  state: string | undefined,
  dryRun: boolean,
): boolean {
  const before = readForeign(file)
  const after = Buffer.from(withIgnores(textOf(file, before), prefix, state))
  if (before?.equals(after)) return false
  checkWritable(file)
  if (dryRun) return true
  if (before !== undefined) backUp(tree, file, before)
  replaceForeign(file, before, after)
  return true
}

type Ignores = { ignores: string; changed: boolean; dryRun: boolean }

function inWords(folder: string, remarks: Remark[], { ignores, changed, dryRun }: Ignores): string {
  const rows = remarks.map(({ bad, what, next }) => [
    bad ? 'x' : 'ok',
    next === undefined ? what : `${what}. ${next}`,
  ])
  const written = dryRun
    ? changed
      ? 'would be written'
      : 'would stay as it is'
    : changed
      ? 'was written'
      : 'is as it should be'
  const told = dryRun
    ? 'Nothing was changed.'
    : 'The courier tells Syncthing of each new message from now on.'
  return `Folder ${folder}:\n${table(rows)}\n\n${homely(ignores)} ${written}. ${told}`
}

function stopSharing(tree: Tree, json: boolean): number {
  const was = forgetShare(tree)
  if (json) sayJson({ forgotten: was })
  else
    say(
      was
        ? 'The courier tells Syncthing nothing from now on.'
        : 'The courier told Syncthing nothing before either.',
    )
  return EXIT.done
}
