/** What kind of file system holds a directory: whether it tells of what another machine changes there. mailbox-spec §2.2 */

import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'

// linux/magic.h, and the file systems' own headers.
const KINDS: Record<number, string> = {
  61267: 'ext4', // 0xef53; ext2 and ext3 say the same
  1481003842: 'xfs', // 0x58465342
  2435016766: 'btrfs', // 0x9123683e
  3393526350: 'bcachefs', // 0xca451a4e
  16914836: 'tmpfs', // 0x01021994
  801189825: 'zfs', // 0x2fc12fc1
  4076150800: 'f2fs', // 0xf2f52010
  2035054128: 'overlay', // 0x794c7630
  61791: 'ecryptfs', // 0xf15f
  26985: 'nfs', // 0x6969
  20859: 'smb', // 0x517b
  4283649346: 'smb', // 0xff534d42, cifs
  4266872130: 'smb', // 0xfe534d42, smb2
  1702057286: 'fuse', // 0x65735546: sshfs among others
  16914839: '9p', // 0x01021997: a host's directory in a virtual machine
}

/** Where every change is made by this machine's own kernel, which tells of it. */
export const LOCAL_KINDS = [
  'ext4',
  'xfs',
  'btrfs',
  'bcachefs',
  'tmpfs',
  'zfs',
  'f2fs',
  'overlay',
  'ecryptfs',
  'apfs',
  'hfs',
]

/** The kind of file system that holds a directory, or the nearest one above it that exists: a name, or its number in hex. */
export function fileSystemOf(dir: string): string {
  const there = nearestThere(dir)
  return process.platform === 'darwin' ? kindInMounts(mounts(), fs.realpathSync(there)) : kindOf(there)
}

function nearestThere(dir: string): string {
  return fs.existsSync(dir) || path.dirname(dir) === dir ? dir : nearestThere(path.dirname(dir))
}

function kindOf(dir: string): string {
  const { type } = fs.statfsSync(dir)
  return KINDS[type >>> 0] ?? `0x${(type >>> 0).toString(16)}`
}

/**
 * True where another machine may change a directory and no event tells of it, or that is not known: it is looked at again and again.
 * Never throws: what cannot be asked for the moment is no local disk.
 */
export function isRemote(dir: string): boolean {
  try {
    if (process.platform === 'darwin' && isBesideTemporary(dir)) return false
    return !LOCAL_KINDS.includes(fileSystemOf(dir))
  } catch {
    return true
  }
}

/** Nearly always true, and at once: `mount` takes ten milliseconds. */
function isBesideTemporary(dir: string): boolean {
  return fs.statSync(nearestThere(dir)).dev === fs.statSync(os.tmpdir()).dev
}

/** True where a file has another inode under each of its names: such numbers tell nothing. */
export function makesUpInodes(dir: string): boolean {
  return fileSystemOf(dir) === 'fuse'
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
