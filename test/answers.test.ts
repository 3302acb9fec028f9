// answers.md names a test for each case, and each of them is there.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from './world.ts'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const [, ...rows] = read('answers.md')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.slice(2, -2).split(' | '))

for (const [what, , , cell = ''] of rows) {
  t.test(`the test of "${what}" is where answers.md says`, async (t) => {
    const [, file = '', name = ''] = cell.match(/^`(test\/real\/[\w-]+\.test\.ts)`: (.+)$/) ?? []
    t.ok(name !== '' && [`'${name}'`, `"${name}"`].some((text) => read(file).includes(text)))
  })
}

t.test('answers.md has rows', async (t) => {
  t.ok(rows.length > 30)
})
