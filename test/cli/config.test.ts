import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { KEYS } from '../../src/protocol/config.ts'
import { setKey } from '../../src/verbs/configure.ts'
import { makeWorld } from '../world.ts'
import { makeShell } from './shell.ts'

function setUp(t: Test) {
  const shell = makeShell(t)
  const file = join(shell.tree.root, 'config.json')
  const config = (...words: string[]) => shell.repowire(['config', ...words])
  const read = () => JSON.parse(readFileSync(file, 'utf8'))
  return { ...shell, file, config, read }
}

t.test('every key is listed with its value, its default, its meaning and whether it is set', async (t) => {
  const { file, config } = setUp(t)
  writeFileSync(file, '{"chain_depth":3}')
  const { code, stdout } = await config('--json')
  t.equal(code, 0)
  const rows = JSON.parse(stdout) as { key: string; meaning: string }[]
  t.strictSame(
    rows.map(({ key }) => key),
    Object.keys(KEYS),
  )
  t.match(rows, [
    { value: ['tmux', 'socket'], set: false },
    { value: 3, default: 8, set: true },
  ])
  t.match((await config()).stdout, /\nchain_depth +3 +8 +yes +how many/)
})

t.test('one value is printed alone, as JSON', async (t) => {
  const { config } = setUp(t)
  t.match(await config('turns_per_hour'), { code: 0, stdout: '60\n', stderr: '' })
  t.match(await config('doors'), { code: 0, stdout: '["tmux","socket"]\n', stderr: '' })
})

t.test('a key is set, and everything else in the file stays', async (t) => {
  const { file, config, read } = setUp(t)
  t.match(await config('chain_depth', '4'), { code: 0, stderr: '' })
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.strictSame(read(), { chain_depth: 4 })
  writeFileSync(file, '{"x_mine":{"a":[1]},"dors":1,"chain_depth":4}')
  t.equal((await config('doors', '["socket"]')).code, 0)
  t.strictSame(read(), { x_mine: { a: [1] }, dors: 1, chain_depth: 4, doors: ['socket'] })
  t.match(await config('chain_depth', '--unset'), { code: 0, stdout: /8 counts/ })
  t.match(await config('chain_depth', '--unset'), { code: 0, stdout: /was not set/ })
  t.strictSame(read(), { x_mine: { a: [1] }, dors: 1, doors: ['socket'] })
})

t.test('a wrong value, and a key that there is not, change nothing', async (t) => {
  const { file, config } = setUp(t)
  t.match(await config('chain_depth', 'many'), { code: 2, stderr: /"many".*a whole number.*\[bad-input\]/ })
  t.match(await config('doors', 'tmux'), { code: 2, stderr: /"tmux" is no value of "doors"/ })
  t.match(await config('chain_dept', '3'), { code: 2, stderr: /did you mean "chain_depth"/ })
  t.match(await config('constructor'), { code: 2, stderr: /no key "constructor"/ })
  t.equal(existsSync(file), false)
})

t.test('what is wrong in the file is said with its remedy, and the remedy helps', async (t) => {
  const { file, config, read } = setUp(t)
  writeFileSync(file, '{"turns_per_our":1,"chain_depth":"x","doors":[]}')
  const { code, stdout, stderr } = await config()
  t.equal(code, 1)
  t.match(stdout, /chain_depth +8 +8 +yes/)
  t.match(
    stderr,
    /"turns_per_our"; did you mean "turns_per_hour"\? .*repowire config 'turns_per_our' --unset/,
  )
  t.match(stderr, /"chain_depth" must be .*repowire config 'chain_depth' --unset/)
  t.equal((await config('doors')).code, 1)
  await config('turns_per_our', '--unset')
  await config('chain_depth', '--unset')
  t.match(await config(), { code: 0, stderr: '' })
  t.strictSame(read(), { doors: [] })
})

const UNREADABLE: Record<string, (file: string) => void> = {
  'a file that does not parse': (file) => writeFileSync(file, '{"chain_depth":3,'),
  'a file that is no object': (file) => writeFileSync(file, '[]'),
  'a directory': (file) => mkdirSync(file),
  'a link': (file) => symlinkSync('/dev/null', file),
}

for (const [what, put] of Object.entries(UNREADABLE)) {
  t.test(`${what} is never overwritten`, async (t) => {
    const { file, config } = setUp(t)
    put(file)
    const before = statSync(file, { bigint: true })
    for (const words of [['chain_depth', '3'], ['chain_depth', '--unset'], ['doors'], []]) {
      t.match(await config(...words), { code: 1, stderr: /\S/ }, words.join(' '))
    }
    const after = statSync(file, { bigint: true })
    t.strictSame([after.ino, after.mtimeNs, after.size], [before.ino, before.mtimeNs, before.size])
  })
}

t.test('of two keys that are set at once both are set', async (t) => {
  const { tree } = makeWorld(t)
  await Promise.all([
    setKey(tree, process.pid, 'chain_depth', 1),
    setKey(tree, process.pid, 'turns_per_hour', 2),
    setKey(tree, process.pid, 'doors', []),
  ])
  t.strictSame(JSON.parse(readFileSync(join(tree.root, 'config.json'), 'utf8')), {
    chain_depth: 1,
    turns_per_hour: 2,
    doors: [],
  })
})
