// Where the signature of a message stands, and what it signs. mailbox-spec §11.1

import t from 'tap'
import { formatMessage } from '../../src/protocol/message.ts'
import { splitSigned, toSign, withSignature } from '../../src/protocol/signature.ts'
import { message } from '../world.ts'

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
