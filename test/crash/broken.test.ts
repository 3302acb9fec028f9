// The crash test must be able to fail: a program that breaks a rule of the mailbox is caught, and so is a call without a
// crash point.

import { existsSync } from 'node:fs'
import t from 'tap'
import { startCast } from './cast.ts'
import { callSites, exportedFunctions, hiddenUses } from './coverage.ts'
import { killEverywhere } from './kill.ts'
import { type Change, compile } from './program.ts'
import { letTimePass } from './scenario.ts'
import { scenarios } from './scenarios.ts'

t.setTimeout(240_000)
letTimePass()
if (existsSync('/dev/shm')) process.env.TMPDIR = '/dev/shm'

const cast = startCast(t)

/** What is broken, in whose hands it shows, and what is said of it. */
const BROKEN: [what: string, change: Change, who: string, said: RegExp][] = [
  [
    'a rename in the place of a link',
    { file: 'src/spool/disk.ts', from: 'fs.linkSync(from, to)', to: 'fs.renameSync(from, to)' },
    'a sender whose name another sender has taken',
    /a message was lost or changed/,
  ],
  [
    'a message that is written where it is read',
    {
      file: 'src/spool/publish.ts',
      from: '&& deliver(tree, to, file, temporary)',
      to: "&& (writeNew(inRoot(tree, messagePath(to, 'new', file)), text, true) ?? true)",
    },
    'a sender',
    /a partial file is visible/,
  ],
  [
    'a query that is closed before its reply is published',
    {
      file: 'src/verbs/end-query.ts',
      from: 'const outcome = sendOutcome(',
      to: 'putAway(tree, address, mail.file, state, end)\n  const outcome = sendOutcome(',
    },
    'a server that answers',
    /an ended query has 0 replies/,
  ],
  [
    'a reply that is published before the journal has it',
    {
      file: 'src/verbs/end-query.ts',
      from: "  record(tree, 'replied'",
      to: "  publish(tree, reply)\n  record(tree, 'replied'",
    },
    'a hook that answers with the text of a turn',
    /a reply is not in the journal/,
  ],
  [
    'a question that is published before asks/ has it',
    {
      file: 'src/verbs/ask.ts',
      from: '  blockOn(tree, me,',
      to: '  publish(tree, { ...query, body: "" })\n  blockOn(tree, me,',
    },
    'a peer that asks',
    /it does not end as it would have|lost or changed|an ended query has 0 replies/,
  ],
  [
    'a card before its mailbox',
    {
      file: 'src/verbs/register.ts',
      from: '  makeMailbox(tree, card.address)\n  if (createCard(tree, card))',
      to: '  const first = createCard(tree, card)\n  makeMailbox(tree, card.address)\n  if (first)',
    },
    'a process that registers for the first time',
    /has a card, and no new/,
  ],
  [
    'a state file that is written in place',
    {
      file: 'src/spool/disk.ts',
      from: '  if (renameFile(temporary, file)) return',
      to: "  fs.writeFileSync(file, '')\n  if (fs.writeFileSync(file, text) === undefined) return",
    },
    'a hook that completes a card',
    /a partial file is visible/,
  ],
]

for (const [what, change, who, said] of BROKEN) {
  t.test(`the crash test catches ${what}`, async (t) => {
    const scenario = scenarios.find((one) => one.who === who)
    if (scenario === undefined) return void t.fail(`there is no scenario: ${who}`)
    const { violations } = await killEverywhere({ t, cast, program: compile(t, change), scenario })
    t.match(violations.join('\n'), said)
  })
}

t.test('a new call, a new function and a hidden use in the spool are seen', async (t) => {
  const before = compile(t)
  const more =
    'export function peek(file: string) {\n  const { statSync } = fs\n  return fs.statfsSync(file)\n}\n'
  const after = compile(t, {
    file: 'src/spool/disk.ts',
    from: 'let counter = 0',
    to: `${more}let counter = 0`,
  })
  const names = callSites(before).map(({ name }) => name)
  const added = callSites(after).filter(({ name }) => !names.includes(name))
  t.match(added, [{ name: 'spool/disk.peek statfsSync' }])
  t.equal(added.length, 1)
  t.ok(exportedFunctions(after).includes('spool/disk.peek'))
  t.strictSame(hiddenUses(before), [])
  t.match(hiddenUses(after), [/^spool\/disk\.js:.*statSync/])
})
