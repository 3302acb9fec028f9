/** Where everything is, as paths relative to the root. mailbox-spec §2, §3. */

import { isId } from './id.ts'

export const SPEC = 'mailbox/1'
export const MARKER = 'mailbox.json'
export const CONFIG = 'config.json'

export const STATES = ['new', 'cur', 'open', 'done', 'dead', 'held'] as const
export type State = (typeof STATES)[number]

export const KINDS = ['query', 'reply', 'notice', 'cancel'] as const
export type Kind = (typeof KINDS)[number]

export type FileName = { id: string; kind: Kind }

export function isKind(text: unknown): text is Kind {
  return KINDS.some((kind) => kind === text)
}

export function fileName(id: string, kind: Kind): string {
  return `${id}.${kind}.json`
}

/** The parts of a message's file name, or undefined: such a file is not ours to read. */
export function parseFileName(file: string): FileName | undefined {
  const [id, kind, json, more] = file.split('.')
  return isId(id) && isKind(kind) && json === 'json' && more === undefined ? { id, kind } : undefined
}

export function cardPath(address: string): string {
  return `peers/${address}.json`
}

export function mailboxPath(address: string): string {
  return `inbox/${address}`
}

export function pausePath(address: string): string {
  return `inbox/${address}/paused.json`
}

export function statePath(address: string, state: State): string {
  return `inbox/${address}/${state}`
}

export function messagePath(address: string, state: State, file: string): string {
  return `inbox/${address}/${state}/${file}`
}

/** `blocked`: a process waits for the reply. `late`: it gave up; deliver the reply as mail. */
export type AskState = 'blocked' | 'late'

export function askPath(address: string, id: string, state: AskState): string {
  return `inbox/${address}/asks/${id}.${state}.json`
}
