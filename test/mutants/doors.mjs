// By which door a message goes, which messages go together, and what is taken out of the box again.

import { without } from './without.mjs'

const DELIVER = 'src/courier/deliver.ts'
const TERMINAL = 'src/courier/terminal.ts'
const SOCKET = 'src/courier/inbox-socket.ts'
const PARCEL = 'src/courier/parcel.ts'
const INBOX_OF = 'src/agents/claude-code/inbox.ts'
const inDeliver = 'test/courier/deliver.test.ts'
const inDoors = 'test/courier/doors.test.ts'
const inParcel = 'test/courier/parcel.test.ts'

export const doors = [
  without(
    DELIVER,
    'door-refused',
    'nothing is handed over while every door is shut',
    "  if ('why' in found) return (await clearStranded(tree, card)) ? { ...found, again: STATUS_MS } : found",
    inDeliver,
    'a pane that is too small to show what is typed gets nothing',
    "  if ('why' in found) return undefined",
  ),
  without(
    TERMINAL,
    'cleared-only-over',
    'a text of ours that is on its way is not taken out of the box',
    " || !['new', 'done', 'dead'].includes(found.state)",
    inDeliver,
    'a text of ours that is still on its way is not taken out of the box',
  ),
  without(
    TERMINAL,
    'cleared-put-back',
    'a text that was put back and is read late stays in the box',
    "['new', 'done', 'dead']",
    inDeliver,
    'a text that was put back and is read late is taken out of the box, row by row',
    "['done', 'dead']",
  ),
  without(
    TERMINAL,
    'cleared-every-row',
    'of a text of several rows one is taken out',
    'clearRows(found.pane, rows)',
    inDeliver,
    'a text that was put back and is read late is taken out of the box, row by row',
    'clearRows(found.pane, 1)',
  ),
  without(
    TERMINAL,
    'unread-is-not-lost',
    'a text that its client has not read yet is typed again',
    'attempt.enters > 0 ? SILENCE_MS : UNREAD_MS',
    inDeliver,
    'a text that its client has not read yet is waited for, ten seconds, and not typed again',
    'SILENCE_MS',
  ),
  without(
    TERMINAL,
    'cleared-only-ours',
    'a draft beside our text is not taken out of the box',
    '  return holds(agent, composer, frameFor(tree, found.message)) ? id : undefined',
    inDeliver,
    'a text of ours that is over is taken out of the box, and a draft is not',
    '  return id',
  ),
  without(
    SOCKET,
    'inbox-busy',
    'only what is urgent goes into the inbox of a busy session',
    'parcel?.urgent && working ? undefined : statusGate(card, agent)',
    inDoors,
    'a busy session takes what is urgent, and only that',
    'working ? undefined : statusGate(card, agent)',
  ),
  without(
    SOCKET,
    'inbox-stopped',
    'nothing goes into the inbox of a stopped client',
    "  if (isStopped(card.process.pid)) return { why: 'its client is stopped (Ctrl+Z)', again: 1_000 }",
    inDoors,
    'the inbox of a session that is stopped is not used',
  ),
  without(
    SOCKET,
    'inbox-session',
    'a session that was cleared meanwhile is not given it',
    ', session_id: inbox.session',
    inDoors,
    'a session at rest is handed one line, with its own id and nothing about who sends',
  ),
  without(
    SOCKET,
    'inbox-unread',
    'what the client has not read is not handed over again',
    'if (!silent || !read)',
    inDoors,
    'what the client read and dropped is put back after two looks, not before',
    'if (!silent)',
  ),
  without(
    INBOX_OF,
    'inbox-refused',
    'a session whose user refuses is left alone',
    "settings?.crossSessionInbound === 'refuse'",
    inDoors,
    'the inbox of a session whose user refuses is not used',
    'false',
  ),
  without(
    INBOX_OF,
    'inbox-bypass',
    'nothing goes unasked into a session that may bypass permissions',
    '(mayBypass(card) || hasOwnSettings(card))',
    inDoors,
    'the inbox of a session that was started to bypass permissions is used only where its user accepts',
    'false',
  ),
  without(
    INBOX_OF,
    'inbox-protocol',
    'an inbox of another protocol is not used',
    'peerProtocol !== PROTOCOL',
    inDoors,
    'the inbox of a session of another protocol is not used',
    'false',
  ),
  without(
    PARCEL,
    'alone',
    'a question never shares a delivery',
    '  if (end === 0) return waiting.slice(0, 1)',
    inParcel,
    'of what waits: a question goes alone',
    '  if (end === 0) return waiting',
  ),
  without(
    PARCEL,
    'quiet',
    'a quiet notice starts no turn',
    'all.filter(({ quiet }) => !quiet)',
    inParcel,
    'of what waits: a quiet notice does not go',
    'all',
  ),
  without(
    PARCEL,
    'urgent-first',
    'what is urgent goes first',
    '  if (urgent !== undefined) return [urgent]',
    inParcel,
    'of what waits: an urgent question goes before all others',
  ),
]
