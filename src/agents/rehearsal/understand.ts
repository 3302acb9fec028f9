/** What a rehearsal agent makes of a prompt. Pure. */

import { idsIn } from '../../protocol/frame.ts'
import { isId } from '../../protocol/id.ts'

export type Task =
  | { type: 'ask'; peer: string; question: string }
  | { type: 'answer'; question: string }
  | { type: 'heard'; text: string }
  | { type: 'unknown' }

export function understand(prompt: string): Task {
  const ask = prompt.trim().match(/^ask\s+([a-z0-9@-]+)\s*:\s*(.+)$/is)
  if (ask) return { type: 'ask', peer: ask[1] as string, question: ask[2] as string }
  const question = [...questionsIn(prompt).values()][0]
  if (question !== undefined) return { type: 'answer', question }
  return idsIn(prompt).length > 0 ? { type: 'heard', text: withoutHeader(prompt) } : { type: 'unknown' }
}

/** The questions whose headers stand in this text, by id: each goes up to the next header. */
export function questionsIn(text: string): Map<string, string> {
  const parts = text.split(/(?=\[repowire:)/).filter((part) => /^\[repowire:\S+ question /.test(part))
  return new Map(parts.flatMap((part) => idsIn(part).map((id) => [id, withoutHeader(part)] as const)))
}

/** The ids that a Stop hook's reason names. */
export function idsOwed(reason: string): string[] {
  return [...new Set(reason.match(/[0-9a-z]+-[0-9a-z]{8}/g)?.filter(isId))]
}

/** A peer's own words: between the two fences of a frame, else under the first line, which is for models. */
export function withoutHeader(text: string): string {
  const fenced = text.match(/-{5} (\w{8}) -{5}\n(.*)\n-{5} \1 -{5}/s)?.[2]
  const end = text.indexOf('\n')
  return (fenced ?? (text.startsWith('[repowire:') && end >= 0 ? text.slice(end + 1) : text)).trim()
}
