/** Whether a directory is fit to hold a mailbox: whose it is, and who may write there. */

import * as fs from 'node:fs'
import * as path from 'node:path'
import { CONFIG, MARKER } from '../protocol/layout.ts'
import { isThere, linkOnce, removeFile, unlessGone, writeNew } from './disk.ts'
import { inRoot, stateTemporaryPath, type Tree, temporaryPath } from './tree.ts'

const OTHERS_WRITE = 0o022
const OTHERS = 0o077

/** `open`: what others than its owner may do there. */
export type Guard = { isDirectory: boolean; isMine: boolean; open: 'write' | 'read' | 'nothing' }

/** Undefined where there is nothing. */
export function guardOf(dir: string): Guard | undefined {
  const stat = unlessGone(() => fs.statSync(dir))
  if (stat === undefined) return undefined
  const open = stat.mode & OTHERS_WRITE ? 'write' : stat.mode & OTHERS ? 'read' : 'nothing'
  return { isDirectory: stat.isDirectory(), isMine: stat.uid === process.getuid?.(), open }
}

/** Takes every right from all but its owner. */
export function closeToOthers(file: string): void {
  fs.chmodSync(file, fs.statSync(file).mode & 0o7777 & ~OTHERS)
}

/** What repowire keeps in the root and in the state directory, and somebody else may write. Follows no link. */
export function writableByOthers(tree: Tree): string[] {
  const kept = ['peers', 'inbox', 'tmp', 'hosts', CONFIG, MARKER].map((name) => inRoot(tree, name))
  return [...kept, tree.state].flatMap(writableBelow)
}

function writableBelow(file: string): string[] {
  const stat = unlessGone(() => fs.lstatSync(file))
  if (stat === undefined || stat.isSymbolicLink()) return []
  const inside = stat.isDirectory() ? (unlessGone(() => fs.readdirSync(file)) ?? []) : []
  const below = inside.flatMap((name) => writableBelow(path.join(file, name)))
  return stat.mode & OTHERS_WRITE ? [file, ...below] : below
}

/** Makes a file and links it, in the root and in the state directory where they exist, and removes both. Throws what the system says. */
export function tryLinks(tree: Tree): void {
  if (isThere(tree.root)) tryLink(() => temporaryPath(tree))
  if (isThere(tree.state)) tryLink(() => stateTemporaryPath(tree))
}

function tryLink(name: () => string): void {
  const [file, link] = [name(), name()]
  writeNew(file, '', true)
  try {
    linkOnce(file, link)
  } finally {
    removeFile(link)
    removeFile(file)
  }
}
