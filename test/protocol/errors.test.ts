// An error quotes what it was given, and a terminal shows it.

import t from 'tap'
import { explain, RepowireError } from '../../src/protocol/errors.ts'

t.test('what an error says has no control character, no direction mark and no half character', async (t) => {
  const given = 'a\u001b[31m\u009b1A\0\u202e\ud800\nb'
  const said = explain(new RepowireError('bad-input', `"${given}" is no name.`, given))
  t.match(said, /^"a.\[31m.1A...\nb" is no name\. /)
  t.notMatch(said, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  t.ok(said.isWellFormed())
})
