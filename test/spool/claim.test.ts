import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { statePath } from '../../src/protocol/layout.ts'
import { newId } from '../../src/spool/new-id.ts'
import { makeMailbox } from '../../src/spool/publish.ts'
import { scan } from '../../src/spool/scan.ts'
import { bundle, ended, mailOf, makeWorld, message, plainEnv, start } from '../world.ts'

const TO = 'backend@laptop'
const CLAIMERS = 8
const MESSAGES = 5_000

t.test(
  'of eight processes that claim the same 5,000 messages each message has one winner, and none is lost',
  async (t) => {
    const { tree, env } = makeWorld(t)
    makeMailbox(tree, TO)
    const files = Array.from({ length: MESSAGES }, () => `${newId()}.query.json`).sort()
    for (const file of files)
      writeFileSync(
        join(tree.root, statePath(TO, 'new'), file),
        JSON.stringify(message({ id: file.slice(0, 28) })),
      )
    const program = await bundle(t, new URL('claimer.ts', import.meta.url))
    const claimers = Array.from({ length: CLAIMERS }, () =>
      start(t, [process.execPath, program, TO], { env: plainEnv(env) }),
    )
    await Promise.all(claimers.map((claimer) => once(claimer.stdout as NodeJS.ReadableStream, 'data')))
    const ends = claimers.map(ended)
    for (const claimer of claimers) claimer.stdin?.end()
    const won = (await Promise.all(ends)).map(({ stdout }) =>
      stdout.split('\n').filter((line) => line !== ''),
    )
    const all = won.flat().sort()
    console.log(
      `${MESSAGES} messages, ${CLAIMERS} claimers: ${won.map((it) => it.length).join(' + ')} = ${all.length} won`,
    )
    t.equal(new Set(all).size, all.length, 'no message has two winners')
    t.ok(all.join() === files.join(), 'every message has a winner')
    t.ok(
      mailOf(tree, TO).join() === files.map((file) => `cur/${file}`).join(),
      'every message lies in cur/, and nowhere else',
    )
  },
)

t.test('a scan passes over what is not a regular file with the name of a message', async (t) => {
  const { tree } = makeWorld(t)
  makeMailbox(tree, TO)
  const dir = join(tree.root, statePath(TO, 'new'))
  const file = `${newId()}.query.json`
  writeFileSync(join(dir, file), '')
  writeFileSync(join(dir, 'README'), '')
  writeFileSync(join(dir, `${file}.tmp`), '')
  mkdirSync(join(dir, `${newId()}.query.json`))
  symlinkSync(file, join(dir, `${newId()}.query.json`))
  symlinkSync('/nowhere', join(dir, `${newId()}.notice.json`))
  execFileSync('sh', ['-c', 'mkfifo "$0"', join(dir, `${newId()}.query.json`)])
  t.strictSame(
    scan(tree, TO, 'new').map((mail) => mail.file),
    [file],
  )
})
