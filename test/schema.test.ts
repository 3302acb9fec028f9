// The schemas of mailbox-spec.md say what the parser does: of every vector, and of every field with every odd value.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { KINDS, type Kind } from '../src/protocol/layout.ts'
import { type Message, parseMessage } from '../src/protocol/message.ts'
import { bytesOf, vectorsIn } from './protocol/fixtures.ts'
import { ROOT } from './world.ts'

type Schema = { properties?: Record<string, unknown> }

const SPEC = readFileSync(join(ROOT, 'mailbox-spec.md'), 'utf8')

function blocks(tag: string): string[] {
  return Array.from(
    SPEC.matchAll(new RegExp(`^\`\`\`${tag}\n([^]*?)^\`\`\``, 'gm')),
    (match) => match[1] as string,
  )
}

function schemaOf(name: string): Schema {
  const [text, ...more] = blocks(`json schema=${name}`)
  if (text === undefined || more.length > 0) throw new Error(`one schema of ${name} is wanted`)
  return JSON.parse(text) as Schema
}

const COMMON = schemaOf('common')
const ajv = new Ajv2020({ schemas: { common: COMMON }, strictTypes: false })
const VALIDATE = Object.fromEntries(
  KINDS.map((kind) => [kind, ajv.compile({ allOf: [{ $ref: 'common' }, schemaOf(kind)] })]),
)

/** By the schema of the kind that the value names; what names none is none. */
function suits(value: unknown): boolean {
  const kind = (value as { kind?: unknown } | null)?.kind
  return KINDS.includes(kind as Kind) && VALIDATE[kind as Kind]?.(value) === true
}

/** By the parser; that in_reply_to is the id is no matter of a schema. */
function parses(value: unknown): boolean {
  const parsed = parseMessage(Buffer.from(JSON.stringify(value)))
  return 'message' in parsed || parsed.fault === 'name-mismatch'
}

t.test('the valid messages suit their schemas', async (t) => {
  const texts = [
    ...blocks('json valid'),
    ...vectorsIn('messages/valid').map((vector) => String(bytesOf(vector))),
  ]
  t.ok(texts.length > 20)
  for (const text of texts) t.ok(suits(JSON.parse(text)), text)
})

for (const fault of ['bad-field', 'wrong-spec', 'not-an-object']) {
  t.test(`the messages with the fault ${fault} suit none`, async (t) => {
    const vectors = vectorsIn(`messages/invalid/${fault}`)
    t.ok(vectors.length > 0)
    for (const vector of vectors) t.notOk(suits(JSON.parse(String(bytesOf(vector)))), vector.file)
  })
}

const ODD = [
  null,
  true,
  0,
  1,
  -1,
  1.5,
  2 ** 53,
  '',
  'x',
  '1',
  'answered',
  'query',
  [],
  {},
  ['a@b'],
  'a@b',
  'A@b',
  'a@b@c',
]
const ODDER = [
  '20261122t094012412z-k3v9x2p8',
  '20261122t094012412z-k3v9x2pl',
  '2026-11-22T09:40:12Z',
  '2026-11-22',
]

t.test('the schemas and the parser agree about every field, missing or odd', async (t) => {
  const fields = [...Object.keys(COMMON.properties ?? {}), 'x_own']
  for (const message of blocks('json valid').map((text) => JSON.parse(text) as Message)) {
    for (const field of fields) {
      const { [field as 'id']: _, ...without } = message
      for (const value of [without, ...[...ODD, ...ODDER].map((odd) => ({ ...message, [field]: odd }))])
        if (suits(value) !== parses(value)) t.fail(`${message.kind}: ${JSON.stringify(value)}`)
    }
  }
  t.ok(fields.length > 15)
})

t.test('mailbox-spec.md explains every field of the schemas', async (t) => {
  const tables = SPEC.split('\n').filter((line) => line.startsWith('| `'))
  const named = tables.flatMap((line) =>
    Array.from((line.split('|')[1] ?? '').matchAll(/`(\w+)`/g), ([, name]) => name),
  )
  for (const field of Object.keys(COMMON.properties ?? {}))
    if (field !== 'kind') t.ok(named.includes(field), field)
})
