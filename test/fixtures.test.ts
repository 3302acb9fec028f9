// fixtures/SHA256SUMS lists every vector. It is written by UPDATE_REFERENCE=1 tap test/fixtures.test.ts, never by hand.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DEEDS } from './fixtures/deeds.ts'
import { KINDS, sumsListed, sumsThere, writeSums } from './fixtures/sums.ts'
import { ROOT } from './world.ts'

if (process.env.UPDATE_REFERENCE === '1') writeSums()

const PAGE = readFileSync(join(ROOT, 'fixtures/README.md'), 'utf8')
const there = sumsThere()
const listed = sumsListed()

for (const kind of KINDS) {
  t.test(`every vector of ${kind}/ is listed in SHA256SUMS, and there are some`, async (t) => {
    const paths = [...there.keys()].filter((path) => path.startsWith(`${kind}/`))
    t.ok(paths.length > 0)
    const unlisted = paths.filter((path) => !listed.has(path))
    t.strictSame(unlisted, [], 'run: UPDATE_REFERENCE=1 tap test/fixtures.test.ts')
  })
}

for (const [path, sum] of listed) {
  t.test(`fixtures/${path} is the vector that SHA256SUMS lists`, async (t) => {
    t.ok(there.has(path), 'it is missing')
    t.equal(there.get(path), sum, 'it is changed')
  })
}

t.test('the command on the page, by which anybody checks the list, accepts it', async (t) => {
  const command = PAGE.match(/`(cd fixtures && [^`]+)`/)?.[1] as string
  const { status, stdout } = spawnSync('sh', ['-c', command], { cwd: ROOT, encoding: 'utf8' })
  if (status === 127) return void t.comment('this system has no such program')
  t.equal(status, 0)
  t.equal(stdout.trim().split('\n').length, listed.size)
})

t.test('fixtures/README.md describes everything that is done in a vector, and nothing else', async (t) => {
  const table = PAGE.split('| who | does |')[1]?.split('\n\n')[0] ?? ''
  const rows = Array.from(table.matchAll(/^\| `([a-z]+)` \| (?:`([a-z ]+)`)? ?\|/gm), ([, who, does]) =>
    does === undefined ? who : `${who} ${does}`,
  )
  t.strictSame(rows.sort(), Object.keys(DEEDS).sort())
})
