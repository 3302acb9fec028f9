import t from 'tap'
import { isName, nthName, parseAddress, resolveAddress, toName } from '../../src/protocol/address.ts'
import { thrown } from '../world.ts'

const unresolved = (wanted: string, known: string[], host = 'laptop') =>
  thrown(() => resolveAddress(wanted, known, host))

t.test('an address is two names of the grammar with one @', async (t) => {
  t.same(parseAddress('backend@laptop'), { name: 'backend', host: 'laptop' })
  t.same(parseAddress('a@0'), { name: 'a', host: '0' })
  t.same(parseAddress(`${'a'.repeat(63)}@b--c`), { name: 'a'.repeat(63), host: 'b--c' })
  const wrong = [
    '',
    'a',
    '@',
    'a@',
    '@b',
    'a@b@',
    'a@b@c',
    'A@b',
    'a@B',
    'a.b@c',
    'a_b@c',
    '-a@b',
    'a-@b',
    'a@-b',
  ]
  const more = [
    'a b@c',
    'a@b\n',
    '../a@b',
    'a/b@c',
    'ä@b',
    `${'a'.repeat(64)}@b`,
    undefined,
    null,
    7,
    ['a@b'],
  ]
  for (const text of [...wrong, ...more]) t.equal(parseAddress(text), undefined, JSON.stringify(text))
})

t.test('a directory gives a name of the grammar, whatever it is called', async (t) => {
  t.equal(toName('Backend', 'x'), 'backend')
  t.equal(toName('my_web.site (2)', 'x'), 'my-web-site-2')
  t.equal(toName('--Straße--Ärger--', 'x'), 'stra-e-arger')
  t.equal(toName('...', 'peer'), 'peer')
  t.equal(toName('世界', 'peer'), 'peer')
  t.equal(toName('', 'peer'), 'peer')
  for (const text of ['x'.repeat(300), `${'ab-'.repeat(40)}`, `${'a'.repeat(56)}-b`, `-${'a'.repeat(80)}`]) {
    t.ok(isName(toName(text, 'peer')), text)
  }
})

t.test('the hundredth of the longest names is still a name', async (t) => {
  const longest = toName('x'.repeat(300), 'peer')
  for (const n of [1, 2, 10, 100, 9_999]) t.ok(isName(nthName(longest, n)), nthName(longest, n))
  t.equal(nthName('backend', 1), 'backend')
  t.equal(nthName('backend', 2), 'backend-2')
})

t.test('a whole address means itself, in any case and with blanks around it', async (t) => {
  const known = ['backend@laptop', 'backend@desktop']
  t.equal(resolveAddress('backend@desktop', known, 'laptop'), 'backend@desktop')
  t.equal(resolveAddress(' Backend@Laptop\n', known, 'desktop'), 'backend@laptop')
})

t.test('a bare name means the one on this host, even where other hosts have it too', async (t) => {
  const known = ['backend@desktop', 'backend@laptop', 'backend@server']
  t.equal(resolveAddress('backend', known, 'laptop'), 'backend@laptop')
})

t.test('a bare name that this host has not means the only one anywhere', async (t) => {
  t.equal(resolveAddress('backend', ['backend@desktop', 'backend-2@laptop'], 'laptop'), 'backend@desktop')
})

t.test('a bare name that two other hosts have is an error that lists both', async (t) => {
  const error = unresolved('backend', ['backend@desktop', 'backend@server', 'web@laptop'])
  t.equal(error.code, 'peer-ambiguous')
  t.match(error.next, 'backend@desktop')
  t.match(error.next, 'backend@server')
  t.notMatch(error.next, 'web@laptop')
})

t.test('an unknown name is an error with the nearest names first, and with no others', async (t) => {
  const known = ['database@laptop', 'backend@laptop', 'backends@laptop', 'frontend@laptop']
  const error = unresolved('bakend', known)
  t.equal(error.code, 'peer-unknown')
  t.match(error.next, 'Did you mean backend@laptop or backends@laptop?')
  t.notMatch(error.next, 'database')
})

t.test('a name on the wrong host is answered with the same name on another', async (t) => {
  const error = unresolved('backend@desktop', ['backend@laptop', 'web@laptop'])
  t.equal(error.code, 'peer-unknown')
  t.match(error.next, 'backend@laptop')
})

t.test('an unknown name that resembles nothing lists who is known', async (t) => {
  t.match(unresolved('zzzzzzzz', ['backend@laptop', 'web@laptop']).next, 'Known: backend@laptop, web@laptop')
  t.match(unresolved('zzzzzzzz', []).next, 'No peer is registered')
})

t.test('what is not a name at all is unknown, and is no path', async (t) => {
  for (const wanted of ['', '@', '../peers', 'backend@', 'constructor', '__proto__'])
    t.equal(unresolved(wanted, ['backend@laptop']).code, 'peer-unknown', wanted)
})
