// The floor of an exchange: a file published with an fsync and a raw event, there and back. No messages, no moves, no journal.

import * as fs from 'node:fs'
import * as path from 'node:path'

const TEXT = `${JSON.stringify({ spec: 'mailbox/1', body: 'x'.repeat(250) })}\n`

/** tmp, write, fsync, link, unlink: what any safe publication does. */
export function publishRaw(dir: string, box: string, file: string): void {
  const temporary = path.join(dir, 'tmp', `${process.pid}-${file}`)
  const fd = fs.openSync(temporary, 'wx', 0o600)
  fs.writeSync(fd, TEXT)
  fs.fsyncSync(fd)
  fs.closeSync(fd)
  fs.linkSync(temporary, path.join(dir, box, file))
  fs.unlinkSync(temporary)
}

/**
 * Creates an empty file. On ext4 this is slow for minutes after many files were deleted (their inodes are passed over one
 * by one), and an exchange creates four: the number tells a slow tree from a slow program.
 */
export function createRaw(dir: string, file: string): void {
  fs.closeSync(fs.openSync(path.join(dir, 'tmp', file), 'wx', 0o600))
}

/** Sends back whatever arrives in `there`. */
export function echoRaw(dir: string): void {
  fs.watch(path.join(dir, 'there'), (_, file) => {
    if (file !== null) publishRaw(dir, 'back', file)
  })
}

/** Sends one file and resolves when it is back; one at a time. */
export function makeRawExchange(dir: string): (file: string) => Promise<void> {
  let arrived = (_: string | null) => {}
  fs.watch(path.join(dir, 'back'), (_, file) => arrived(file))
  return (file) =>
    new Promise((resolve) => {
      arrived = (seen) => {
        if (seen === file) resolve()
      }
      publishRaw(dir, 'there', file)
    })
}
