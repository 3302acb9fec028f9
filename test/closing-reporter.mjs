// tap's reporter here: one line per test file, every failure with its diagnostics, and last, alone on its line,
// `N passed, N failed` (and `, N skipped`). The exit code is tap's own. Must not be executable: tap would run it.

import { Transform } from 'node:stream'
import { Parser } from 'tap-parser'

/** How tap started a file: the same for every file that crashed, and none of it says why. */
const ofTheSpawn = new Set(['args', 'command', 'cwd', 'externalID', 'jobId', 'stdio'])

const location = ({ fileName, lineNumber, columnNumber }) => `${fileName}:${lineNumber}:${columnNumber}`

const shown = (value) => (typeof value === 'string' ? value.trimEnd() : JSON.stringify(value, null, 2))

const indented = (text) => text.replace(/^(?=.)/gm, '      ')

/** A failure as text. The place comes first, because it is what the reader wants to open. */
function failure({ fullname, name, diag, tapError }) {
  const { at, ...rest } = diag ?? {}
  const lines = [`  ✗ ${fullname || name}`]
  if (at?.fileName) lines.push(indented(`at ${location(at)}`))
  if (tapError && !diag) lines.push(indented(shown(tapError)))
  for (const [key, value] of Object.entries(rest)) {
    if (ofTheSpawn.has(key) || value === null) continue
    const text = shown(value)
    lines.push(
      indented(text.includes('\n') ? `${key}:\n${text.replace(/^(?=.)/gm, '  ')}` : `${key}: ${text}`),
    )
  }
  return `${lines.join('\n')}\n`
}

function progress({ name, ok, skip, time }) {
  const word = skip ? 'skipped' : ok ? 'ok' : 'FAILED'
  const reason = typeof skip === 'string' ? ` (${skip})` : ''
  const seconds = time === null ? '' : ` ${(time / 1000).toFixed(1)} s`
  return `${word.padEnd(7)} ${name}${seconds}${reason}\n`
}

export default class ClosingReporter extends Transform {
  passed = 0
  failed = 0
  skipped = 0

  constructor() {
    super()
    this.parser = new Parser()
    this.parser.on('bailout', (reason) => this.push(`bailed out: ${reason}\n`))
    // What a test prints besides TAP is for the person who debugs it; the parser hands all of it to the root.
    this.parser.on('extra', (text) => this.push(`  | ${text.trim()}\n`))
    this.follow(this.parser, (file) => this.push(progress(file)))
  }

  /** Counts the points of one level; `onSubtest` hears of each subtest there that is over. */
  follow(parser, onSubtest = () => {}) {
    let before
    parser.on('child', (child) => {
      before = { failed: this.failed, all: this.passed + this.failed + this.skipped }
      this.follow(child)
    })
    parser.on('assert', (point) => {
      if (before === undefined || this.addsToItsPoints(point, before)) this.count(point)
      if (before !== undefined) onSubtest(point)
      before = undefined
    })
  }

  /** A subtest's own point counts only if nothing in it was counted, or if it failed and nothing in it did: a crash. */
  addsToItsPoints({ ok }, before) {
    return ok ? this.passed + this.failed + this.skipped === before.all : this.failed === before.failed
  }

  count(point) {
    if (point.skip || point.todo) this.skipped++
    else if (point.ok) this.passed++
    else {
      this.failed++
      this.push(failure(point))
    }
  }

  _transform(chunk, _encoding, done) {
    this.parser.write(chunk)
    done()
  }

  _flush(done) {
    this.parser.on('complete', ({ ok }) => {
      // tap can be unhappy without a failed point, for example over a plan that was not kept.
      if (!ok && this.failed === 0) this.failed = 1
      const skipped = this.skipped > 0 ? `, ${this.skipped} skipped` : ''
      this.push(`\n${this.passed} passed, ${this.failed} failed${skipped}\n`)
      done()
    })
    this.parser.end()
  }
}
