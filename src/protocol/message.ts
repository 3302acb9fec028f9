/**
 * A message and its one parser, by hand: what a stranger's file may hold is checked here and nowhere else.
 * mailbox-spec §4.
 */

import { parseAddress } from './address.ts'
import { isId } from './id.ts'
import { isKind, type Kind, SPEC } from './layout.ts'

export const MAX_MESSAGE_BYTES = 262_144
export const DEFAULT_TTL_SECONDS = 86_400

export const OUTCOMES = [
  'answered',
  'unanswered',
  'interrupted',
  'failed',
  'expired',
  'gone',
  'refused',
  'withdrawn',
] as const
export type Outcome = (typeof OUTCOMES)[number]

export type Message = {
  spec: typeof SPEC
  id: string
  kind: Kind
  from: string
  to: string
  sent: string
  in_reply_to?: string
  outcome?: Outcome
  thread?: string
  ttl_seconds?: number
  urgent?: boolean
  wake?: boolean
  provisional?: boolean
  depth?: number
  nonce?: string
  sender_mode?: string
  signature?: string
  body: string
}

export type Fault =
  | 'too-large'
  | 'not-utf8'
  | 'not-json'
  | 'not-an-object'
  | 'wrong-spec'
  | 'bad-field'
  | 'name-mismatch'
  | 'unreadable'
  | 'wrong-sender'
  | 'unsigned'
  | 'bad-signature'
  | 'not-allowed'

export type Parsed = { message: Message } | { fault: Fault; why: string }

type Check = (value: unknown) => boolean

const text: Check = (value) => typeof value === 'string'
const flag: Check = (value) => typeof value === 'boolean'
const address: Check = (value) => parseAddress(value) !== undefined
const atLeast =
  (least: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least

const REQUIRED: Record<string, Check> = {
  id: isId,
  kind: isKind,
  from: address,
  to: address,
  sent: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value),
  body: text,
}

const OPTIONAL: Record<string, Check> = {
  in_reply_to: isId,
  outcome: (value) => OUTCOMES.some((outcome) => outcome === value),
  thread: isId,
  ttl_seconds: atLeast(1),
  urgent: flag,
  wake: flag,
  provisional: flag,
  depth: atLeast(0),
  nonce: text,
  sender_mode: text,
  signature: text,
}

/** The bytes of a message's file: one line of JSON. */
export function formatMessage(message: Message): string {
  return `${JSON.stringify(message)}\n`
}

/** The message in these bytes, or the first thing that is wrong with them. mailbox-spec §4.6 */
export function parseMessage(bytes: Uint8Array): Parsed {
  if (bytes.byteLength > MAX_MESSAGE_BYTES) {
    return { fault: 'too-large', why: `${bytes.byteLength} bytes; at most ${MAX_MESSAGE_BYTES}` }
  }
  const content = decode(bytes)
  if (content === undefined) return { fault: 'not-utf8', why: 'the bytes are not UTF-8' }
  const value = parseJson(content)
  if (value === undefined) return { fault: 'not-json', why: 'the text is not JSON' }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return { fault: 'not-an-object', why: 'the JSON is not one object' }
  }
  return checkFields(value as Record<string, unknown>)
}

function checkFields(fields: Record<string, unknown>): Parsed {
  if (fields.spec !== SPEC)
    return { fault: 'wrong-spec', why: `spec is ${JSON.stringify(fields.spec)}, not "${SPEC}"` }
  const bad = wrongField(fields)
  if (bad !== undefined) return { fault: 'bad-field', why: `${bad} is missing or not what it must be` }
  const message = fields as unknown as Message
  if ((message.kind === 'reply' || message.kind === 'cancel') && message.in_reply_to !== message.id) {
    return { fault: 'name-mismatch', why: 'in_reply_to is not the id' }
  }
  return { message }
}

function wrongField(fields: Record<string, unknown>): string | undefined {
  const own = (name: string) => (Object.hasOwn(fields, name) ? fields[name] : undefined)
  for (const [name, check] of Object.entries(REQUIRED)) if (!check(own(name))) return name
  for (const [name, check] of Object.entries(OPTIONAL)) {
    if (own(name) !== undefined && !check(own(name))) return name
  }
  const { kind } = fields
  if (kind === 'reply' && own('outcome') === undefined) return 'outcome'
  return (kind === 'reply' || kind === 'cancel') && own('in_reply_to') === undefined
    ? 'in_reply_to'
    : undefined
}

/**
 * The text of these bytes, or undefined where they are not UTF-8. Not by TextDecoder: its first use loads ICU, which costs
 * a hook five milliseconds.
 */
export function decode(bytes: Uint8Array): string | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = buffer.toString('utf8')
  const whole = !text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(buffer)
  return whole ? text : undefined
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}
