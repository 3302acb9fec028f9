// The courier's own mail is checked as any other, and its name is nobody's.

import { without } from './without.mjs'

const PING = 'src/verbs/ping.ts'
const inPing = 'test/verbs/ping.test.ts'

export const machines = [
  without(
    PING,
    'ping-checked',
    "a courier checks mail to itself as it does an agent's",
    '  if (receive(tree, me, mail) === undefined) return\n',
    inPing,
    'a host that was not allowed gets no answer, and its question is held',
  ),
  without(
    PING,
    'ping-taken-back',
    'a question that is not answered in time is taken back',
    'return void cancel(tree, me, id)',
    inPing,
    'a question that nobody answers in time is taken back',
    'return undefined',
  ),
  without(
    'src/protocol/address.ts',
    'courier-is-reserved',
    'nobody is called as the courier is',
    ' && name !== COURIER',
    inPing,
    'nobody is called as the courier is',
  ),
]
