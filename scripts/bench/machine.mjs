// What the numbers were measured on, without a name of it.

import { statfsSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { shown } from './numbers.mjs'

const FILE_SYSTEMS = {
  61267: 'ext4',
  16914836: 'tmpfs',
  2035054128: 'overlay',
  2435016766: 'btrfs',
  1481003842: 'xfs',
  26: 'apfs',
}

export function machine(dir) {
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    platform: `${process.platform} ${process.arch}`,
    cores: cpus().length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    file_system: FILE_SYSTEMS[statfsSync(dir).type] ?? 'another',
    node: process.version,
    load: loadavg().map((load) => Number(shown(load))),
  }
}
