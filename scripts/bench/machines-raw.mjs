// The floor between two hosts: one raw file there, and one back. No messages, no moves, no journal.

import * as fs from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const QUIET_MS = 600
const PATIENCE_MS = 30_000
const NAME = /^\d+-\d+$/
const TEXT = `${JSON.stringify({ spec: 'mailbox/1', body: 'x'.repeat(250) })}\n`

/** The directories of it, on one host. */
export function makeRawPlace(root) {
  for (const dir of ['raw/there', 'raw/back', 'raw/tmp'])
    fs.mkdirSync(join(root, dir), { recursive: true, mode: 0o700 })
}

/** `sees`: calls with each path that is new in a directory; `told`: the path of what was written. A function that takes what `exchange` takes. */
export function makeRawExchange(one, other) {
  const arrived = new Map()
  const closing = [
    once(other, 'there', (name) => setTimeout(() => put(other, 'back', name), thinkingTime(name))),
    once(one, 'back', (name) => arrived.get(name)?.()),
  ]
  const exchange = async (thinks) => {
    await pause(QUIET_MS)
    const name = `${process.hrtime.bigint()}-${thinks}`
    const start = performance.now()
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('a raw file did not come back')), PATIENCE_MS)
      arrived.set(name, () => resolve(clearTimeout(timer)))
      put(one, 'there', name)
    })
    return performance.now() - start
  }
  return { exchange, close: () => closing.forEach((close) => void close()) }
}

/** What a synchroniser is still writing has another name. */
function once({ root, sees }, dir, act) {
  const seen = new Set()
  return sees(join(root, 'raw', dir), (file) => {
    const name = basename(file)
    if (!NAME.test(name) || seen.has(name)) return
    seen.add(name)
    act(name)
  })
}

const thinkingTime = (name) => Number(name.split('-')[1])

function put({ root, told = () => {} }, dir, name) {
  const [temporary, file] = [join(root, 'raw/tmp', `.syncthing.${name}.tmp`), join('raw', dir, name)]
  const fd = fs.openSync(temporary, 'wx', 0o600)
  fs.writeSync(fd, TEXT)
  fs.fsyncSync(fd)
  fs.closeSync(fd)
  fs.renameSync(temporary, join(root, file))
  told(file)
}

/** By events. */
export function watchRaw(dir, act) {
  const watcher = fs.watch(dir, (_, name) => name !== null && fs.existsSync(join(dir, name)) && act(name))
  return () => watcher.close()
}

const LOOK_MS = 250

/** By listing, as often as repowire does while somebody waits. */
export function listRaw(dir, act) {
  let timer
  const look = () => {
    fs.readdir(dir, (error, names = []) => {
      if (error === null) names.forEach((name) => void act(name))
      if (timer !== null) timer = setTimeout(look, LOOK_MS)
    })
  }
  look()
  return () => {
    clearTimeout(timer)
    timer = null
  }
}
