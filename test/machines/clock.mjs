// Loaded before a program (`--import`), it gives it the clock of another machine: CLOCK_MS is how far ahead that is, of Date and of the times of
// files. With SERVED, what is in that directory has the times of the machine that serves it, SERVED_MS ahead, and says that it is NFS.
//
// Not Debian's faketime (0.9.10): Node asks for the times of files by a system call that it does not see, and a machine whose Date is an hour
// ahead of its own disk is none.

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const NFS = 0x6969
const { CLOCK_MS = '0', SERVED, SERVED_MS = '0' } = process.env
const ahead = Number(CLOCK_MS)

const TrueDate = Date
globalThis.Date = class extends TrueDate {
  constructor(...parts) {
    if (parts.length === 0) super(TrueDate.now() + ahead)
    else super(...parts)
  }
  static now() {
    return TrueDate.now() + ahead
  }
}

const isServed = (file) => SERVED !== undefined && `${file}/`.startsWith(`${SERVED}/`)

for (const name of ['lstatSync', 'statSync']) {
  const real = fs[name]
  fs[name] = (file, options) => {
    const stat = real(file, options)
    const shift = isServed(file) ? Number(SERVED_MS) : ahead
    for (const time of ['atimeMs', 'mtimeMs', 'ctimeMs', 'birthtimeMs'])
      if (typeof stat?.[time] === 'number') stat[time] += shift
    return stat
  }
}

const { statfsSync } = fs
fs.statfsSync = (file, options) => {
  const stat = statfsSync(file, options)
  return isServed(file) ? Object.assign(stat, { type: NFS }) : stat
}
syncBuiltinESMExports()
