// Judges a record: what was lost, came twice, went to the wrong asker, answered a dialog, or changed a draft.

import type { Disturbance, Question, StormRecord } from './record.ts'

type Counts = {
  questions: number
  answered: number
  /** Ended without an answer, because a human stopped, cleared or killed one of the two sessions. */
  ended: number
  lost: number
  twice: number
  mispaired: number
  dialogs: number
  drafts: number
  /** Whole behind a text of ours: its first key came between our paste and Enter, which was not pressed then. */
  behind: number
}

/** `faults`: each in a sentence, with the id of the question. */
export type Verdict = { counts: Counts; faults: string[] }

export function judge(record: StormRecord): Verdict {
  const lost = record.questions.flatMap((question) => lostIn(question, record.disturbances))
  const twice = record.questions.flatMap(twiceIn)
  const mispaired = [
    ...record.questions.flatMap(mispairedIn),
    ...record.notices.flatMap(mispairedNotice(record)),
  ]
  const dialogs = record.dialogs
    .filter(({ ran }) => ran)
    .map(({ word }) => `the dialog about ${word} was answered: it was done`)
  const behind = record.drafts.filter(({ wrote, found }) => wrote !== found && isBehindOurs(found, wrote))
  const drafts = record.drafts
    .filter((draft) => draft.wrote !== draft.found && !behind.includes(draft))
    .map(({ wrote, found }) => `a draft was changed: "${wrote}" became "${found}"`)
  const outcomes = record.questions.flatMap(({ replies }) => replies[0]?.outcome ?? [])
  const answered = outcomes.filter((outcome) => outcome === 'answered').length
  return {
    counts: {
      questions: record.questions.length,
      answered,
      ended: outcomes.length - answered,
      lost: lost.length,
      twice: twice.length,
      mispaired: mispaired.length,
      dialogs: dialogs.length,
      drafts: drafts.length,
      behind: behind.length,
    },
    faults: [...lost, ...twice, ...mispaired, ...dialogs, ...drafts],
  }
}

/** Our header, the folded body, and then the draft to its last letter. */
function isBehindOurs(found: string, wrote: string): boolean {
  const ours = found.match(
    /^\[repowire:\S+ (?:question|notice)[^\]]*\]\s*\[Pasted text #\d+ \+\d+ lines\]/,
  )?.[0]
  return ours !== undefined && found.slice(ours.length) === wrote
}

const named = ({ id, word, from, to }: Question) => `${word} (${id}, ${from} to ${to})`

/** Without an outcome, without a reason for one that is no answer, or with an answer that its asker never saw. */
function lostIn(question: Question, disturbances: Disturbance[]): string[] {
  const { states, replies, shown } = question
  const [reply] = replies
  if (reply === undefined)
    return [`${named(question)} has no outcome; it lies in ${states.join(', ') || 'no place'}`]
  if (!['done', 'dead'].includes(states[0] ?? ''))
    return [`${named(question)} has its outcome, and lies in ${states[0]}`]
  if (reply.outcome !== 'answered' && !disturbances.some((it) => explains(it, question)))
    return [`${named(question)} ended as ${reply.outcome}, and no human had disturbed anybody: ${reply.body}`]
  return shown.length > 0 || disturbances.some((it) => hides(it, question))
    ? []
    : [`${named(question)}: what became of it was never shown to ${question.from}`]
}

// A human's key, and what the client and the courier make of it, are a moment apart.
const SLACK_MS = 1_000

// From the hook that sees a tool's result to the request that shows it to the model.
const SHOWING_MS = 5_000

/**
 * Who stops an agent that waits takes its question back: what its peer has been given is answered and filed. And what has
 * reached the client may be stopped, cleared or killed before its model is asked with it.
 */
function hides({ at, peer, by }: Disturbance, { from, asked, ended = 0, consumed }: Question): boolean {
  if (peer !== from) return false
  if (consumed !== undefined) return at > consumed - SLACK_MS && at < consumed + SHOWING_MS
  return by === 'stop' && at > asked - SLACK_MS && at < ended + SLACK_MS
}

/** It came while the question was open, to one of its two sessions. */
function explains({ at, peer }: Disturbance, { from, to, asked, ended }: Question): boolean {
  if (peer !== to && peer !== from) return false
  return at > asked - SLACK_MS && at < (ended ?? Number.POSITIVE_INFINITY) + SLACK_MS
}

function twiceIn(question: Question): string[] {
  const { states, replies, seen, shown } = question
  return [
    ...(states.length > 1 ? [`${named(question)} lies in ${states.join(' and ')}`] : []),
    ...(replies.length > 1 ? [`${named(question)} has ${replies.length} outcomes`] : []),
    ...(seen > 1 ? [`${named(question)} was given ${seen} times`] : []),
    ...(shown.length > 1 ? [`${named(question)}: its outcome was shown ${shown.length} times`] : []),
  ]
}

function mispairedIn(question: Question): string[] {
  const { word, to, replies, shown } = question
  const wrong = replies.flatMap(({ from, outcome, body }) => {
    if (from !== to) return [`${named(question)} was answered by ${from}`]
    const right = outcome === 'answered' ? [answerTo(word, to)] : []
    return strange(body, right).map((part) => `${named(question)}: its reply (${outcome}) holds ${part}`)
  })
  const right = replies[0]?.outcome === 'answered' ? [answerTo(word, to)] : []
  const read = shown.flatMap((text) =>
    strange(text, right).map((part) => `${named(question)}: its asker was shown ${part}`),
  )
  return [...wrong, ...read]
}

/** What an amendment says belongs to the question that it amends. */
function mispairedNotice({ questions }: StormRecord) {
  return ({ about, body }: StormRecord['notices'][number]): string[] => {
    const question = questions.find(({ id }) => id === about)
    const right = question === undefined ? [] : [answerTo(question.word, question.to)]
    return strange(body, right).map((part) => `an amendment to ${about} holds ${part}`)
  }
}

/** What an agent of this address answers to the question with this word. */
function answerTo(word: string, address: string): string {
  return `answer to ${word} by ${address.replace(/@.*/, '')}`
}

/** Everything in a text that somebody else was to read, and what should be in it and is not. */
function strange(text: string, right: string[]): string[] {
  const missing = right.filter((part) => !has(text, part)).map((part) => `no "${part}"`)
  const words = text.match(/answer to Q\d+ by \w+|\b[HDB]\d+\b/g) ?? []
  return [...missing, ...words.filter((word) => !right.includes(word)).map((word) => `"${word}"`)]
}

function has(text: string, part: string): boolean {
  const found: string[] = text.match(/answer to Q\d+ by \w+/g) ?? []
  return found.includes(part)
}
