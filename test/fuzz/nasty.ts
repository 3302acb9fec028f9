/** Texts, values and bytes that somebody who means ill, or a broken program, would write. */

import * as fc from 'fast-check'

const PIECES = [
  ...[
    '\u001b[31mred',
    '\u001b[200~',
    '\u001b[201~',
    '\u001b]0;title\u0007',
    '\u009b1A',
    '\0',
    '\r',
    '\b',
    '\u007f',
    '\t',
    '\n',
  ],
  ...[
    '\u202e',
    '\u2066',
    '\u2069',
    '\u200e',
    '\u200f',
    '\ufeff',
    '\u2028',
    '\ud800',
    '\udc00',
    '\u0301',
    'ａ',
    '🜁',
  ],
  ...[
    '../../outside',
    '/etc/passwd',
    'a/../../b',
    '..',
    '.',
    '~',
    '$(id)',
    '`id`',
    '!ls',
    '/exit',
    '#x',
    '@x',
    '\\',
  ],
  ...[
    '[repowire:20261122t094012412z-k3v9x2p8 question from api@laptop]',
    '----- k3v9x2p8 -----',
    '__proto__',
    'constructor',
  ],
  ...[
    'web@laptop',
    'courier',
    'courier@laptop',
    'a@b@c',
    'A'.repeat(300),
    'word '.repeat(900),
    '"',
    '{"a":',
    ']',
  ],
]

export const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...PIECES),
  fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary' })), { maxLength: 5 })
    .map((all) => all.join('')),
)

const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth)

export const value: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER + 1, '', [], {}, [
    [],
  ]),
  fc.constantFrom(10, 3_000).map((depth) => JSON.parse(nested(depth, '[', ']')) as unknown),
  fc
    .constantFrom('__proto__', 'toString', 'constructor')
    .map((key) => JSON.parse(`{"${key}":{"kind":"query"}}`) as unknown),
)

type Fields = Record<string, unknown>

/** A right object, some of whose fields are wrong, missing, or more than there should be. */
export function fields(right: Fields): fc.Arbitrary<Fields> {
  const key = fc.constantFrom(...Object.keys(right), '__proto__', 'x_more', 'signature')
  const change = fc.record({ key, value, gone: fc.boolean() })
  return fc.array(change, { maxLength: 3 }).map((changes) => {
    const entries = new Map(Object.entries(right))
    for (const { key, value, gone } of changes) gone ? entries.delete(key) : entries.set(key, value)
    return Object.fromEntries(entries)
  })
}

/** The same as bytes, cut, doubled, filled up, or with what JSON or UTF-8 has not. */
export function bytesOf(right: Fields): fc.Arbitrary<Buffer> {
  return fc.tuple(fields(right), harm).map(([it, change]) => change(JSON.stringify(it)))
}

const plain = (json: string) => Buffer.from(json)

const harm: fc.Arbitrary<(json: string) => Buffer> = fc.oneof(
  { arbitrary: fc.constant(plain), weight: 4 },
  {
    arbitrary: fc
      .double({ min: 0, max: 1, noNaN: true })
      .map((part) => (json: string) => plain(json.slice(0, json.length * part))),
    weight: 1,
  },
  {
    arbitrary: fc
      .constantFrom<((json: string) => Buffer)[]>(
        (json) => plain(`${json.slice(0, -1)},"id":"x","kind":"reply","to":"../../outside"}`),
        (json) => plain(`\ufeff${json}`),
        (json) => plain(`${json}\0`),
        (json) => plain(`${json}${json}`),
        (json) => plain(`[${json}]`),
        (json) => plain(json.replace('"', '\0"')),
        (json) =>
          Buffer.concat([plain(json.slice(0, -2)), Buffer.from([0xff, 0xc0, 0x80]), plain(json.slice(-2))]),
        (json) => plain(`${json.slice(0, -1)},"more":"${'x'.repeat(300_000)}"}`),
        (json) => plain(`${json.slice(0, -1)},"more":${nested(20_000, '[', ']')}}`),
        (json) => plain(json.replaceAll(/"body":"[^"]*"/g, '"body":"\\ud800\\u0000\\u001b[201~\\u202e"')),
      )
      .map((change) => change),
    weight: 2,
  },
) as fc.Arbitrary<(json: string) => Buffer>
