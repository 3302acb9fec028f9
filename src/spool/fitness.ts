/** Whether a directory is fit to hold a mailbox: whose it is, who may write there, and what kind of file system it is on. */

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

// linux/magic.h, and the file systems' own headers.
const KINDS: Record<number, string> = {
  61267: 'ext4', // 0xef53; ext2 and ext3 say the same
  1481003842: 'xfs', // 0x58465342
  2435016766: 'btrfs', // 0x9123683e
  16914836: 'tmpfs', // 0x01021994
  801189825: 'zfs', // 0x2fc12fc1
  4076150800: 'f2fs', // 0xf2f52010
  2035054128: 'overlay', // 0x794c7630
  26985: 'nfs', // 0x6969
  20859: 'smb', // 0x517b
  4283649346: 'smb', // 0xff534d42, cifs
  4266872130: 'smb', // 0xfe534d42, smb2
  1702057286: 'fuse', // 0x65735546: sshfs among others
  16914839: '9p', // 0x01021997: a host's directory in a virtual machine
}

/** The kind of file system that holds a directory, or the nearest one above it that exists: a name, or its number in hex. */
export function fileSystemOf(dir: string): string {
  if (!isThere(dir) && path.dirname(dir) !== dir) return fileSystemOf(path.dirname(dir))
  if (process.platform === 'darwin') return kindInMounts(mounts(), fs.realpathSync(dir))
  const { type } = fs.statfsSync(dir)
  return KINDS[type >>> 0] ?? `0x${(type >>> 0).toString(16)}`
}

function mounts(): string {
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  return spawnSync('/sbin/mount', { encoding: 'utf8' }).stdout ?? ''
}

/** From what mount prints on macOS, where the numbers are given anew at each start: "/dev/disk3s5 on /Users (apfs, local)". */
export function kindInMounts(text: string, dir: string): string {
  const rows = Array.from(text.matchAll(/^.*? on (\/.*) \((\w+)[,)]/gm), ([, at = '', kind = '']) => ({
    at,
    kind,
  }))
  const holds = ({ at }: { at: string }) => dir === at || dir.startsWith(at.replace(/\/?$/, '/'))
  const [nearest] = rows.filter(holds).sort((a, b) => b.at.length - a.at.length)
  return nearest?.kind ?? 'unknown'
}
