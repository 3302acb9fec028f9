// Makes the record of a storm from what lies on the disk and from what the models were asked with.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Message } from '../../../src/protocol/message.ts'
import type { Office } from '../office.ts'
import type { Question, StormRecord } from './record.ts'

type File = { peer: string; state: string; message: Message }
type Times = Map<string, { asked: number; ended?: number; consumed?: number }>

export async function gather(office: Office): Promise<Pick<StormRecord, 'questions' | 'notices'>> {
  const files = await readMail(join(office.home.dir, '.repowire', 'inbox'))
  const times = await timesOf(office)
  const talks = conversations(office)
  const ids = new Set(
    files.filter(({ message }) => message.kind === 'query').map(({ message }) => message.id),
  )
  const notices = files.filter(({ message }) => message.kind === 'notice')
  return {
    questions: [...ids].map((id) => questionOf(id, files, times, talks)),
    notices: notices.map(({ message }) => ({ about: message.in_reply_to, body: message.body })),
  }
}

function questionOf(id: string, files: File[], times: Times, talks: string[][]): Question {
  const queries = files.filter(({ message }) => message.kind === 'query' && message.id === id)
  const replies = files.filter(({ message }) => message.kind === 'reply' && message.id === id)
  const { from = '', to = '', body = '' } = queries[0]?.message ?? {}
  return {
    id,
    word: body.match(/Q\d+/)?.[0] ?? 'no word',
    from: nameIn(from),
    to: nameIn(to),
    asked: times.get(id)?.asked ?? 0,
    ended: times.get(id)?.ended,
    consumed: times.get(id)?.consumed,
    states: queries.map(({ state }) => state),
    replies: replies.map(({ message }) => ({
      from: nameIn(message.from),
      outcome: message.outcome ?? 'none',
      body: message.body,
    })),
    seen: talks.reduce((sum, talk) => sum + framesIn(talk, id, 'question').length, 0),
    shown: talks.flatMap((talk) => framesIn(talk, id, 'answer')),
  }
}

/** How things stand: every screen, and the end of the journal. For who must find out why a storm did not end. */
export async function scene(office: Office): Promise<string> {
  const panes = (await office.tmux.run(['list-panes', '-a', '-F', '#{pane_id}'])).trim().split('\n')
  const screens = await Promise.all(panes.map((pane) => office.tmux.capture(pane)))
  const shown = screens.map((screen, at) => `${panes[at]}:\n${screen.replace(/\n\s*\n/g, '\n').trim()}`)
  const journal = (await office.journal()).slice(-60).map((line) => JSON.stringify(line))
  return [...shown, ...journal].join('\n')
}

const nameIn = (address: string) => address.replace(/@.*/, '')

async function readMail(inbox: string): Promise<File[]> {
  const paths = await readdir(inbox, { recursive: true })
  const letters = paths.filter((path) => /^[^/]+\/(new|cur|open|done|dead)\/.*\.json$/.test(path))
  return await Promise.all(
    letters.map(async (path) => {
      const [peer = '', state = ''] = path.split('/')
      return { peer, state, message: JSON.parse(await readFile(join(inbox, path), 'utf8')) as Message }
    }),
  )
}

async function timesOf(office: Office): Promise<Times> {
  const times: Times = new Map()
  for (const { event, id, at } of await office.journal()) {
    if (id === undefined) continue
    if (event === 'asked') times.set(id, { asked: Date.parse(String(at)) })
    const known = times.get(id)
    if (event === 'replied' && known !== undefined) known.ended ??= Date.parse(String(at))
    if (event === 'consumed' && known !== undefined) known.consumed ??= Date.parse(String(at))
  }
  return times
}

/** What was said to each agent from the beginning of its conversation to the end, as its model was asked with it last, in pieces. */
function conversations({ model }: Office): string[][] {
  const last = new Map<string, { content: unknown }[]>()
  for (const { sessionId, side, request } of model.requests) {
    const told = request.messages.filter(({ role }) => role !== 'assistant')
    if (!side && told.length >= (last.get(sessionId)?.length ?? 0)) last.set(sessionId, told)
  }
  return [...last.values()].map((told) => told.flatMap(({ content }) => piecesOf(content)))
}

function piecesOf(content: unknown): string[] {
  if (typeof content === 'string') return [content]
  return Array.isArray(content) ? content.flatMap((block) => piecesOf(block.text ?? block.content ?? '')) : []
}

/** What stands in each frame with this id: up to its second fence. */
function framesIn(talk: string[], id: string, word: string): string[] {
  return talk.flatMap((piece) => {
    const parts = piece.split(/(?=\[repowire:)/)
    const frames = parts.filter((part) => part.startsWith(`[repowire:${id} ${word} from `))
    return frames.map((frame) => frame.match(/^.*?\n(----- \w{8} -----)\n.*?\n\1$/ms)?.[0] ?? frame)
  })
}
