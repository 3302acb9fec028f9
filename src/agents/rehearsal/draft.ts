/** What stands in the input box before Enter. A value: each function returns another one. */

import { shownPaste } from './composer.ts'

/** `shown` differs from `text` only where a long paste is folded into a placeholder, which is erased as one. */
type Part = { text: string; shown: string }
export type Draft = Part[]

export function typed(draft: Draft, text: string): Draft {
  return [...draft, ...Array.from(text, (character) => ({ text: character, shown: character }))]
}

/** A folded paste begins a line of its own in what is sent. */
export function pasted(draft: Draft, text: string): Draft {
  const shown = shownPaste(text)
  const start = draft.length === 0 ? '' : '\n'
  return shown === text ? typed(draft, text) : [...draft, { text: start + text, shown: start + shown }]
}

export function erased(draft: Draft): Draft {
  return draft.slice(0, -1)
}

export function textOf(draft: Draft): string {
  return draft.map((part) => part.text).join('')
}

export function shownOf(draft: Draft): string {
  return draft.map((part) => part.shown).join('')
}
