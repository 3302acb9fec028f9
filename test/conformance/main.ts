// The runner of mailbox-spec §15.1: every vector of fixtures/, done by a command of whatever implementation. One line for each that
// fails, with what differs; last the counts.

import { statSync } from 'node:fs'
import { exchangeVectors, treeVectors } from '../fixtures/vector.ts'
import { cardCases, messageCases } from './reading.ts'
import { runExchange, runTree } from './running.ts'

const words = process.argv.slice(2)
const only = words[0] === '--only' ? new RegExp(words.splice(0, 2)[1] ?? '') : /./
const command = words
if (command[0] === undefined) {
  console.error(
    'usage: scripts/conformance [--only <expression>] <command> [<word>…]   the command is called as mailbox-spec.md §15.1 says',
  )
  process.exit(2)
}
// Nothing here is lost with the power: the files need no disk.
if (statSync('/dev/shm', { throwIfNoEntry: false }) !== undefined) process.env.TMPDIR = '/dev/shm'

type Case = { name: string; run(): Promise<string | undefined> }

const all: Case[] = [
  ...messageCases(command),
  ...cardCases(command),
  ...treeVectors().map(({ name, vector }) => ({
    name: `trees/${name}`,
    run: () => runTree(command, vector),
  })),
  ...exchangeVectors().map(({ name, vector }) => ({
    name: `exchanges/${name}`,
    run: () => runExchange(command, vector),
  })),
]

const cases = all.filter(({ name }) => only.test(name))
const counts = { passed: 0, failed: 0, 'passed over': 0 }
const AT_ONCE = 2
await Promise.all(Array.from({ length: AT_ONCE }, next))
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts['passed over']} passed over`)
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1

async function next(): Promise<void> {
  for (let it = cases.shift(); it !== undefined; it = cases.shift()) {
    const said = await it.run().catch((error: Error) => error.message)
    if (said === undefined) counts.passed += 1
    else if (said === 'passed over') counts['passed over'] += 1
    else {
      counts.failed += 1
      console.log(`FAILED ${it.name}: ${said}`)
    }
  }
}
