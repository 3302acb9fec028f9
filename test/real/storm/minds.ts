// The models behind the sessions. A mind answers a question that is alone with the text of its turn, and with reply_peer
// where it must; it does what its human says, asks others, and does what the results of its tools tell it to do.

import type { Block, Reply, Turn } from '../model.ts'
import type { Dice } from './dice.ts'

type Content = { type: string; text?: string; content?: string | Content[] }
type Message = { role: string; content: string | Content[] }

/** What came since this agent last said something. `begins`: that was the end of a turn. */
type News = { said: string; told: string; begins: boolean }

/** A question as its frame puts it. `via`: whom to ask before it is answered. */
type Asked = { id: string; word: string; urgent: boolean; via?: string }

/** What one conversation has before it. `words`: what it owes its human. */
type Mind = { owes: Asked[]; words: string[]; waits: string[] }

export interface Minds {
  /** What the model of any session says. */
  speak(turn: Turn): Promise<Reply>
  /** How many questions have been asked so far. */
  asked(): number
  /** A word that nobody has used: `H7`. */
  word(letter: 'Q' | 'H' | 'D' | 'B'): string
}

const REFUSED = /\[(?:peer|too|chain)-[a-z-]+\]/g
const THINKS_MS = 1_500

export function makeMinds(dice: Dice): Minds {
  const minds = new Map<string, Mind>()
  const known = new Map<string, Asked>()
  let words = 0
  let asked = 0
  const word = (letter: string) => {
    words += 1
    return `${letter}${words}`
  }
  const mindOf = (turn: Turn) => {
    const mind = minds.get(turn.sessionId) ?? { owes: [], words: [], waits: [] }
    minds.set(turn.sessionId, mind)
    return mind
  }
  const speak = async (turn: Turn) => {
    const mind = mindOf(turn)
    const news = newsOf(turn.request.messages as Message[])
    takeIn(mind, news)
    for (const one of mind.owes) known.set(one.id, one)
    const me = nameOf(turn)
    const calls = [
      ...whatIsTold(mind, news, known, me),
      ...whatIsWanted(mind, news, word),
      ...inPublic(mind, me, dice),
    ]
    asked += calls.filter((call) => 'tool' in call && call.tool.endsWith('ask_peer')).length
    asked -= news.told.match(REFUSED)?.length ?? 0
    await thinks(turn, dice)
    return calls.length > 0 ? calls : [{ text: lastWords(mind, me) }]
  }
  return { speak, asked: () => asked, word }
}

async function thinks({ hungUp }: Turn, dice: Dice): Promise<void> {
  const timer = new Promise((resolve) => setTimeout(resolve, dice.between(0, THINKS_MS)))
  await Promise.race([timer, new Promise((resolve) => hungUp.addEventListener('abort', resolve))])
}

/** The project that the session works in, as the client tells its model. */
function nameOf({ request }: Turn): string {
  return JSON.stringify(request.system).match(/-projects-(\w+)\/memory/)?.[1] ?? 'nobody'
}

const STOPPED = '[Request interrupted by user'

function newsOf(messages: Message[]): News {
  const last = messages.findLastIndex(({ role }) => role === 'assistant')
  const spoken = last < 0 ? [] : contentOf(messages[last] as Message)
  const since = messages.slice(last + 1).filter(({ role }) => role !== 'assistant')
  const blocks = since.flatMap(contentOf)
  const stop = blocks.findLastIndex(({ text }) => text?.startsWith(STOPPED))
  const after = blocks.slice(stop + 1)
  return {
    said: textOf(after.filter(({ type }) => type === 'text')),
    told: textOf(
      after
        .filter(({ type }) => type === 'tool_result')
        .flatMap((it) => contentOf({ role: '', content: it.content ?? '' })),
    ),
    begins: stop >= 0 || !spoken.some(({ type }) => type === 'tool_use'),
  }
}

function contentOf({ content }: Message): Content[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content
}

const textOf = (blocks: Content[]) => blocks.map(({ text = '' }) => text).join('\n')

const FRAME =
  /\[repowire:(\S+) question from [^\]\s]+\]\s*(?:<pasted_content id=\S+>\s+)?(\w+)[\s\S]*?\n----- \w+ -----\n\nPlease tell (Q\d+)(?: \(ask (\w+) first\))?/g

/** The questions whose frames stand in a text. */
function questionsIn(text: string): Asked[] {
  return Array.from(text.matchAll(FRAME), ([, id = '', first, word = '', via]) => ({
    id,
    word,
    urgent: first === 'Urgent',
    ...(via !== undefined && { via }),
  }))
}

/** A new turn has nothing before it but what began it; what comes in the middle of one is added. */
function takeIn(mind: Mind, { said, begins }: News): void {
  if (begins) [mind.owes, mind.words, mind.waits] = [[], [], []]
  const has = ({ id }: Asked) => mind.owes.some((one) => one.id === id)
  mind.owes.push(...questionsIn(said).filter((one) => !has(one)))
  mind.words.push(...(said.match(/\bSAY H\d+/g) ?? []).map((it) => it.slice(4)))
}

const answer = (id: string, word: string, me: string): Block => ({
  tool: 'mcp__repowire__reply_peer',
  input: { id, answer: `answer to ${word} by ${me}` },
})
const wait = (id: string): Block => ({ tool: 'mcp__repowire__await_reply', input: { id } })

const CIRCLE = /reply_peer with id "(\S+)"\. Then wait on: await_reply with id "(\S+)"/
const LATER = /Call await_reply with id "(\S+)" to wait on/g
const REMINDER = /you owe another agent an answer[^\n]*/g

/** What the results of tools, and the hook at the end of a turn, tell an agent to do. */
function whatIsTold(mind: Mind, { said, told }: News, known: Map<string, Asked>, me: string): Block[] {
  const circles = questionsIn(told).flatMap(({ id, word }) =>
    told.match(CIRCLE)?.[1] === id ? [answer(id, word, me)] : [],
  )
  const after = told.match(CIRCLE)?.[2]
  const waits = told.includes('Sent to ') ? mind.waits.splice(0) : []
  if (after !== undefined) mind.waits.push(after)
  const later = Array.from(told.matchAll(LATER), ([, id = '']) => id)
  const owed = (said.match(REMINDER) ?? []).flatMap((line) => line.match(/(?<=id ")[^"]+/g) ?? [])
  const replies = owed.flatMap((id) => (known.has(id) ? [answer(id, (known.get(id) as Asked).word, me)] : []))
  return [...circles, ...replies, ...[...waits, ...later].map(wait)]
}

/** What its human wants done, and whom it has to ask before it can answer. */
function whatIsWanted(mind: Mind, { said }: News, word: Minds['word']): Block[] {
  const ask = (peer: string, question: string, urgent = false): Block => ({
    tool: 'mcp__repowire__ask_peer',
    input: { peer, question: `Please tell ${question}`, ...(urgent && { urgent }) },
  })
  const asks = Array.from(
    said.matchAll(/\b(ASK|URGE) (\w+): ([^\n<]+)/g),
    ([, how, peer = '', question = '']) => ask(peer, question, how === 'URGE'),
  )
  const dialogs = Array.from(said.matchAll(/\bDO (B\d+)/g), ([, it]) => ({
    tool: 'Bash',
    input: { command: `touch made-${it}`, description: 'touch' },
  }))
  if (asks.length > 0 || dialogs.length > 0) mind.words.push('')
  const vias = mind.owes.flatMap((one) => {
    const { via } = one
    delete one.via
    return via === undefined ? [] : [ask(via, word('Q'))]
  })
  return [...asks, ...dialogs, ...vias]
}

/** Answers by reply_peer: what is urgent, and what shares a turn; that too is left to the reminder now and then. */
function inPublic(mind: Mind, me: string, dice: Dice): Block[] {
  const mixed = mind.owes.length > 1 || (mind.owes.length > 0 && mind.words.length > 0)
  if (mixed && dice.chance(0.3)) return []
  const replies = mind.owes.filter(({ urgent }) => urgent || mixed)
  mind.owes = mind.owes.filter((one) => !replies.includes(one))
  return replies.map(({ id, word }) => answer(id, word, me))
}

/** The final text of a turn. One that has several prompts says everything in it: nobody but its human may read that. */
function lastWords({ owes, words }: Mind, me: string): string {
  const answers = owes.map(({ word }) => `answer to ${word} by ${me}`)
  const human = words.map((word) => `For my human: ${word}`)
  return [...human, ...answers].join('\n') || 'Done.'
}
