/** A disk of its own: an ext4 image on a loop device, mounted below a directory that was made for it. */

import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BYTES = 128 * 1024 * 1024

export type Image = { dir: string; mount(): void; cut(): void; unmount(): void; remove(): void }

/** Why there can be none here, in a line; undefined where there can. */
export function whyNoImage(): string | undefined {
  if (process.getuid?.() !== 0) return 'who runs this is not root'
  for (const program of ['mkfs.ext4', 'xfs_io', 'losetup'])
    if (spawnSync('which', [program], { stdio: 'ignore' }).status !== 0) return `${program} is missing`
  if (!existsSync('/dev/loop-control')) return 'there are no loop devices'
  return spawnSync('losetup', ['-f'], { stdio: 'ignore' }).status === 0
    ? undefined
    : 'no loop device can be had'
}

/** Made anew and mounted; `cut` loses what was not on the disk, and `remove` leaves nothing of it. */
export function makeImage(): Image {
  const place = mkdtempSync(join(realpathSync(tmpdir()), 'rw-power-'))
  const [file, dir] = [join(place, 'image'), join(place, 'mnt')]
  writeFileSync(file, '')
  truncateSync(file, BYTES)
  mkdirSync(dir)
  run('mkfs.ext4', '-q', '-F', file)
  let mounted = false
  const mount = () => {
    run('mount', '-o', 'loop', file, dir)
    mounted = true
  }
  const unmount = () => {
    if (mounted) run('umount', dir)
    mounted = false
  }
  mount()
  return {
    dir,
    mount,
    cut: () => run('xfs_io', '-F', '-x', '-c', 'shutdown', dir),
    unmount,
    remove: () => {
      unmount()
      rmSync(place, { recursive: true, force: true })
    },
  }
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
