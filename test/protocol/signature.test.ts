// Where the signature of a message stands, and what it signs. mailbox-spec §11.1

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { formatMessage, parseMessage } from '../../src/protocol/message.ts'
import { splitSigned, toSign, withSignature } from '../../src/protocol/signature.ts'
import { fingerprintOf } from '../../src/spool/allowed.ts'
import { isSignedBy } from '../../src/spool/signing.ts'
import { message, ROOT } from '../world.ts'

const S = `${'A'.repeat(85)}A==`
const TEXT = formatMessage(message({ body: 'x' }))

t.test('what is signed is what was there before, with the number of the spec', async (t) => {
  t.equal(toSign(TEXT), `mailbox/1\n${TEXT.trimEnd()}`)
  t.strictSame(splitSigned(withSignature(TEXT, S)), { text: toSign(TEXT), signature: S })
  t.match(JSON.parse(withSignature(TEXT, S)), { ...message({ body: 'x' }), signature: S })
})

t.test('a text without one is unsigned', async (t) => {
  t.equal(splitSigned(TEXT), 'unsigned')
  const quoted = formatMessage(message({ body: `,"signature":"${S}"}` }))
  t.equal(splitSigned(quoted), 'unsigned', 'in a body it is words')
})

const signed = withSignature(TEXT, S)
const BAD = {
  'elsewhere than at the end': JSON.stringify({ signature: S, ...message() }),
  twice: withSignature(signed, S),
  'twice, once elsewhere': withSignature(JSON.stringify({ signature: '', ...message() }), S),
  'with blanks': signed.replace('"signature":', '"signature": '),
  'with other bits that mean nothing': signed.replace('A==', 'B=='),
  'too short': signed.replace('AAAA', ''),
  empty: withSignature(TEXT, ''),
  'with its name escaped': signed.replace('signature', '\\u0073ignature'),
  'followed by more than a newline': `${signed}\n`,
}
for (const [how, text] of Object.entries(BAD))
  t.test(`a signature ${how} is none`, async (t) => t.equal(splitSigned(text), 'bad'))

const VECTORS = join(ROOT, 'fixtures/messages/signed')
const KEY = JSON.parse(readFileSync(join(VECTORS, 'key.json'), 'utf8'))

t.test('the fingerprint of a key is that which ssh would show of these bytes', async (t) => {
  t.equal(fingerprintOf(KEY.key), KEY.fingerprint)
})

for (const verdict of ['valid', 'bad-signature', 'unsigned'])
  for (const name of readdirSync(join(VECTORS, verdict)))
    t.test(`messages/signed/${verdict}/${name} is ${verdict}`, async (t) => {
      const bytes = readFileSync(join(VECTORS, verdict, name))
      t.ok('message' in parseMessage(bytes), 'a message it is in any case')
      const parts = splitSigned(bytes.toString('utf8'))
      const found = typeof parts === 'string' ? parts : isSignedBy(KEY.key, parts) ? 'valid' : 'bad'
      t.equal(found, verdict === 'bad-signature' ? 'bad' : verdict)
    })
