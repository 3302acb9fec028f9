/**
 * Claude Code's own inbox for messages of other sessions: a Unix socket, named in the session's file. What the client
 * would hold back is not sent there: a session that may bypass permissions asks its user about each message of a sender
 * that does not say to do the same, and saying so for others is not ours to do.
 */

import * as path from 'node:path'
import type { Card } from '../../protocol/card.ts'
import { readJson } from '../../spool/disk.ts'
import { commandLine } from '../../spool/process.ts'
import type { Inbox } from '../agent.ts'
import { readSession } from './session-file.ts'

type Settings = { crossSessionInbound?: string; permissions?: { defaultMode?: string } }

// The one whose lines are known; what a later client means by them is not.
const PROTOCOL = 1

/** Reads the session's file, the settings that apply to it and its command line. */
export function inboxOf(card: Card): Inbox | { why: string } {
  const { messagingSocketPath: socket, sessionId: session, peerProtocol } = readSession(card) ?? {}
  if (socket === undefined || session === undefined) return { why: 'its client offers no inbox of its own' }
  if (peerProtocol !== PROTOCOL) return { why: 'its client offers an inbox of another kind' }
  const [users, ...others] = settingsOf(card)
  if ([users, ...others].some((settings) => settings?.crossSessionInbound === 'refuse'))
    return { why: 'its user refuses messages of other sessions (crossSessionInbound)' }
  if (users?.crossSessionInbound !== 'accept' && (mayBypass(card) || hasOwnSettings(card)))
    return { why: 'it may bypass permissions, so its client would ask its user about each message' }
  return { socket, session }
}

/** The user's, then the project's. */
function settingsOf(card: Card): (Settings | undefined)[] {
  const config = path.dirname(path.dirname(card.session_file ?? ''))
  const project = path.join(readSession(card)?.cwd ?? card.directory, '.claude')
  const files = [
    path.join(config, 'settings.json'),
    `${project}/settings.json`,
    `${project}/settings.local.json`,
  ]
  return files.map((file) => readJson(file) as Settings | undefined)
}

/** The client enters that mode only where it was started so, or where its settings say so. */
export function mayBypass(card: Card): boolean {
  const started = commandLine(card.process.pid).some((word) =>
    /dangerously-skip-permissions|bypassPermissions/.test(word),
  )
  return started || settingsOf(card).some((one) => one?.permissions?.defaultMode === 'bypassPermissions')
}

/** A settings file of its own may say so, too. */
function hasOwnSettings(card: Card): boolean {
  return commandLine(card.process.pid).some((word) => /^--settings\b/.test(word))
}
