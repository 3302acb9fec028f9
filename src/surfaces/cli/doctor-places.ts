/** Where mail and state lie: whether they are there, ours alone, and on a file system that repowire can work with. */

import { explain, type RepowireError } from '../../protocol/errors.ts'
import { MARKER } from '../../protocol/layout.ts'
import { copiesOfOthers } from '../../spool/claim-copies.ts'
import { lookConfig } from '../../spool/config.ts'
import { conflictCopies } from '../../spool/conflict-copies.ts'
import { isThere } from '../../spool/disk.ts'
import { fileSystemOf, LOCAL_KINDS } from '../../spool/file-system.ts'
import { closeToOthers, guardOf, tryLinks, writableByOthers } from '../../spool/fitness.ts'
import { whyMissing } from '../../spool/root-missing.ts'
import { existingTree, openTree, type Tree } from '../../spool/tree.ts'
import { type Finding, good, type Patient, problem, warning } from './doctor-check.ts'
import { homely, wordsForShell } from './print.ts'

export function lookAtMailbox({ tree, env }: Patient): Finding[] {
  const missing = whyMissing(tree)
  if (missing !== undefined) return [problem(missing.message, missing.next)]
  const wrong = guarded(tree.root, 'REPOWIRE_HOME', () => openTree(env))
  // A root that others can write is not read.
  if (wrong?.verdict === 'problem') return [wrong]
  if (existingTree(env) !== undefined) return [wrong ?? good(homely(tree.root))]
  return [problem(`${homely(tree.root)} has no ${MARKER}`, 'Run: repowire setup.', () => openTree(env))]
}

export function lookAtState({ tree, env }: Patient): Finding[] {
  return [guarded(tree.state, 'REPOWIRE_STATE', () => openTree(env)) ?? good(homely(tree.state))]
}

/** What is wrong with a directory, or undefined. */
function guarded(dir: string, name: string, make: () => unknown): Finding | undefined {
  const guard = guardOf(dir)
  const elsewhere = `or set ${name} to another directory.`
  const close = () => closeToOthers(dir)
  const chmod = `Run: ${wordsForShell(['chmod', '700', dir])}.`
  if (guard === undefined) return problem(`${homely(dir)} is missing`, 'Run: repowire setup.', make)
  if (!guard.isDirectory) return problem(`${homely(dir)} is not a directory`, `Move it away, ${elsewhere}`)
  if (!guard.isMine)
    return problem(`${homely(dir)} belongs to another user`, `Have it given to you, ${elsewhere}`)
  if (guard.open === 'write') return problem(`${homely(dir)} can be written by other users`, chmod, close)
  return guard.open === 'read'
    ? warning(`${homely(dir)} can be read by other users`, chmod, close)
    : undefined
}

export function lookAtFiles({ tree }: Patient): Finding[] {
  const loose = writableByOthers(tree).filter((file) => file !== tree.state)
  const [first = ''] = loose
  if (loose.length === 0) return [good('nothing in them can be written by other users')]
  const what = `other users can write ${homely(first)}${loose.length > 1 ? ` and ${loose.length - 1} more` : ''}`
  const chmod = wordsForShell(['chmod', '-R', 'go-rwx', tree.root, tree.state])
  return [problem(what, `Run: ${chmod}.`, () => loose.forEach(closeToOthers))]
}

export function lookAtLinks({ tree }: Patient): Finding[] {
  if ((!isThere(tree.root) && !isThere(tree.state)) || whyMissing(tree) !== undefined) return []
  try {
    tryLinks(tree)
    return [good('files and hard links can be made in both')]
  } catch (error) {
    const how =
      'Set REPOWIRE_HOME and REPOWIRE_STATE to directories in which files and hard links can be made.'
    return [problem((error as Error).message, how)]
  }
}

export function lookAtFileSystems({ tree }: Patient): Finding[] {
  const kinds = [tree.root, tree.state].map((dir) => judgeFileSystem(homely(dir), fileSystemOf(dir)))
  const taken = copiesOfOthers(tree)
  return [...kinds, ...conflictCopies(tree).map((file) => saysConflict(file, taken.get(file)))]
}

/** `taken`: it is another machine's claim to the label of this host. */
function saysConflict(file: string, taken: RepowireError | undefined): Finding {
  if (taken !== undefined) return problem(taken.message, taken.next)
  const what = `${file} was put aside by a program that synchronises: two machines had written that file`
  return warning(what, 'It is never read. Remove it when you have looked at it.')
}

const REMOTE = /^(nfs|smb|9p|afp|webdav)|fuse/

export function judgeFileSystem(dir: string, kind: string): Finding {
  if (LOCAL_KINDS.includes(kind)) return good(`${dir} is on ${kind}`)
  if (REMOTE.test(kind)) {
    const what = `${dir} is on ${kind}, where another machine's changes raise no event`
    const found = `${what}: its mail is found by looking, within a second`
    if (!kind.includes('fuse')) return warning(found)
    return warning(
      found,
      'Where this is sshfs, mount it with -o dir_cache=no, or mail is found up to 20 s late.',
    )
  }
  return warning(`${dir} is on a file system that was not tried (${kind})`)
}

export function lookAtConfig({ tree }: { tree: Tree }): Finding[] {
  const { complaints } = lookConfig(tree)
  if (complaints.length === 0) return [good('nothing in it is wrong')]
  return complaints.map((error) => problem(explain(error)))
}
