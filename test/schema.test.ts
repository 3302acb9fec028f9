// The schemas of mailbox-spec.md say what the parser does: of every vector, and of every field with every odd value.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { parseCard } from '../src/protocol/card.ts'
import { askPath, KINDS, type Kind } from '../src/protocol/layout.ts'
import { type Message, parseMessage } from '../src/protocol/message.ts'
import { askOf } from '../src/spool/asks.ts'
import { makeMailbox } from '../src/spool/publish.ts'
import { bytesOf, vectorsIn } from './protocol/fixtures.ts'
import { makeWorld, Q, ROOT } from './world.ts'

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
const ajv = new Ajv2020({ schemas: { common: COMMON, process: schemaOf('process') }, strictTypes: false })
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

const isCard = ajv.compile(schemaOf('card'))
const isAsk = ajv.compile(schemaOf('ask'))

t.test('the cards suit their schema, and what is no card does not', async (t) => {
  for (const text of [
    ...blocks('json card'),
    ...vectorsIn('cards/valid').map((vector) => String(bytesOf(vector))),
  ])
    t.ok(isCard(JSON.parse(text)), text)
  for (const card of blocks('json card').map((text) => JSON.parse(text) as Record<string, unknown>)) {
    for (const odd of oddlings(card, schemaOf('card')))
      if (isCard(odd) !== (parseCard(JSON.stringify(odd)) !== undefined)) t.fail(JSON.stringify(odd))
  }
})

t.test('a file in asks/ that suits its schema is read, and no other', async (t) => {
  const { tree } = makeWorld(t)
  makeMailbox(tree, 'frontend@laptop')
  const [ask] = blocks('json ask').map((text) => JSON.parse(text) as Record<string, unknown>)
  const file = join(tree.root, askPath('frontend@laptop', Q, 'late'))
  for (const odd of [ask, ...oddlings(ask ?? {}, schemaOf('ask'))]) {
    writeFileSync(file, JSON.stringify(odd))
    if (isAsk(odd) !== (askOf(tree, 'frontend@laptop', Q) !== undefined)) t.fail(JSON.stringify(odd))
  }
  t.ok(isAsk(ask))
})

/** The same without each field, and with everything odd in its place; one level down too. */
function oddlings(value: Record<string, unknown>, schema: Schema): Record<string, unknown>[] {
  return Object.keys(schema.properties ?? {}).flatMap((field) => {
    const { [field]: inner, ...without } = value
    const deeper = inner !== null && typeof inner === 'object' ? (inner as Record<string, unknown>) : {}
    const inside = Object.keys(deeper).flatMap((name) =>
      [...ODD, undefined].map((odd) => ({ ...deeper, [name]: odd })),
    )
    return [without, ...[...ODD, ...ODDER, ...inside].map((odd) => ({ ...value, [field]: odd }))]
  })
}
