/**
 * The two places on disk: the root, which may be shared, and this host's own state directory. mailbox-spec §2, §10.
 * A Tree is plain data; every function of the spool takes it first.
 */

import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { toName } from '../protocol/address.ts'
import { codeOf, RepowireError } from '../protocol/errors.ts'
import { MARKER, SPEC } from '../protocol/layout.ts'
import { claim, isClaimed, refuseTaken } from './claim.ts'
import { refuseCloned } from './cloned.ts'
import { createWhole, makeDirectory, readRegular, temporaryName, unlessGone } from './disk.ts'
import { type OwnHost, readOwnHost } from './own-host.ts'
import { refuseMissing } from './root-missing.ts'

/** `formerly`: the labels that this host had before; what comes for them is forwarded. */
export type Tree = { root: string; state: string; host: string; formerly?: string[] }

type Environment = Record<string, string | undefined>

/** Where the tree of this environment is; touches nothing but host.json, which it reads. */
export function locateTree(env: Environment): Tree {
  return locate(env).tree
}

function locate(env: Environment): { tree: Tree; own: Partial<OwnHost> } {
  const home = env.HOME || os.homedir()
  const machine = toName(os.hostname().split('.')[0] ?? '', 'host')
  const usual = path.join(home, '.repowire')
  const root = path.resolve(env.REPOWIRE_HOME || usual)
  const states = env.XDG_STATE_HOME || path.join(home, '.local', 'state')
  // A root of its own has a courier and a journal of its own.
  const place = root === usual ? machine : `${machine}+${encodeURIComponent(root).slice(-180)}`
  const state = path.resolve(env.REPOWIRE_STATE || path.join(states, 'repowire', place))
  const own = readOwnHost(state)
  const { label = machine, formerly = [] } = own
  return { tree: { root, state, host: label, ...(formerly.length > 0 && { formerly }) }, own }
}

/** The tree of this environment, created where it is missing. Errors: bad-root, root-missing, wrong-spec, host-taken, host-cloned. */
export function openTree(env: Environment): Tree {
  const { tree, own } = locate(env)
  const isMade = checkRoot(tree)
  refuseCloned(tree, own)
  if (isMade && isClaimed(tree, own)) return tree
  refuseTaken(tree, own)
  for (const dir of ['', 'peers', 'inbox', 'hosts', `tmp/${tree.host}`])
    makeDirectory(path.join(tree.root, dir))
  makeDirectory(tree.state)
  createWhole(temporaryPath(tree), inRoot(tree, MARKER), `${JSON.stringify({ spec: SPEC })}\n`)
  checkRoot(tree)
  claim(
    tree,
    () => stateTemporaryPath(tree),
    () => temporaryPath(tree),
  )
  return locateTree(env)
}

/** The tree where it exists already, else undefined; what a hook uses. Errors: bad-root, root-missing, wrong-spec, host-taken, host-cloned. */
export function existingTree(env: Environment): Tree | undefined {
  const { tree, own } = locate(env)
  if (!checkRoot(tree)) return undefined
  refuseCloned(tree, own)
  refuseTaken(tree, own)
  return tree
}

/** The same for who only ends or renames what is this host's own: also where its label is another machine's, or this one is a copy. Errors: bad-root, root-missing, wrong-spec. */
export function lookEvenIfTaken(env: Environment): Tree {
  try {
    return lookTree(env)
  } catch (error) {
    if (['host-taken', 'host-cloned'].includes(codeOf(error))) return locateTree(env)
    throw error
  }
}

/** The same tree under the label that its host has now, for who keeps one: one read, and a look. Errors: root-missing. */
export function relabelled(tree: Tree): Tree {
  refuseMissing(tree)
  const { label = tree.host, formerly = [] } = readOwnHost(tree.state)
  return label === tree.host ? tree : { ...tree, host: label, formerly }
}

/** The tree for a reader, which may find nothing in it: creates nothing. Errors: bad-root, root-missing, wrong-spec, host-taken, host-cloned. */
export function lookTree(env: Environment): Tree {
  return existingTree(env) ?? locateTree(env)
}

/** True where the root exists and is ours to use; false where there is none yet. mailbox-spec §2, §2.2 */
function checkRoot(tree: Tree): boolean {
  const isMade = isMailbox(tree)
  if (!isMade) refuseMissing(tree)
  return isMade
}

function isMailbox(tree: Tree): boolean {
  const stat = unlessGone(() => fs.statSync(tree.root))
  if (stat === undefined) return false
  if (!stat.isDirectory()) throw badRoot(tree, 'is not a directory', 'Move it away.')
  if ((stat.mode & 0o022) !== 0)
    throw badRoot(tree, 'can be written by other users', `Run: chmod 700 '${tree.root}'.`)
  const marker = readRegular(path.join(tree.root, MARKER))?.toString('utf8')
  if (marker === undefined) return false
  checkMarker(tree, marker)
  return true
}

function checkMarker(tree: Tree, marker: string): void {
  const spec = readSpec(marker)
  if (spec === SPEC) return
  throw new RepowireError(
    'wrong-spec',
    `${tree.root} follows ${JSON.stringify(spec)}, and this repowire knows only "${SPEC}".`,
    'Update repowire, or set REPOWIRE_HOME to another directory. Nothing was changed.',
  )
}

function readSpec(marker: string): unknown {
  try {
    return (JSON.parse(marker) as { spec?: unknown }).spec
  } catch {
    return marker.slice(0, 40)
  }
}

function badRoot(tree: Tree, what: string, next: string): RepowireError {
  return new RepowireError('bad-root', `${tree.root} ${what}.`, next)
}

export function inRoot(tree: Tree, relative: string): string {
  return path.join(tree.root, relative)
}

export function inState(tree: Tree, relative: string): string {
  return path.join(tree.state, relative)
}

/** A path for a file that is being written on this host, on the file system of the root. The sweeper knows the place. */
export function temporaryPath(tree: Tree): string {
  return path.join(tree.root, 'tmp', tree.host, temporaryName())
}

/** The same on the file system of the state directory. */
export function stateTemporaryPath(tree: Tree): string {
  return path.join(tree.state, 'tmp', temporaryName())
}
