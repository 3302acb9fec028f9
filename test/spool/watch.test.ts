import { join } from 'node:path'
import t from 'tap'
import { statePath } from '../../src/protocol/layout.ts'
import { claim } from '../../src/spool/moves.ts'
import { makeMailbox } from '../../src/spool/publish.ts'
import { watchMail } from '../../src/spool/watch.ts'
import { lay, makeWorld, until } from '../world.ts'

const TO = 'backend@laptop'
const OTHER = 'web@laptop'
const id = (n: number) => `20261122t09401241${n}z-00000000`

t.test('every message in a watched new/ is hinted at, by the path of its file and no other', async (t) => {
  const { tree } = makeWorld(t)
  makeMailbox(tree, TO)
  lay(tree, 'new', { id: id(0), to: OTHER })
  const hints = new Set<string>()
  const watch = watchMail(tree, [TO], (path) => hints.add(path))
  t.teardown(watch.close)
  await watch.ready
  watch.add(OTHER)
  const path = (to: string, n: number) => join(tree.root, statePath(to, 'new'), `${id(n)}.query.json`)
  for (const [n, to] of [TO, OTHER, TO, OTHER].entries()) {
    const file = lay(tree, 'new', { id: id(n + 1), to })
    await until(() => hints.has(path(to, n + 1)))
    claim(tree, to, file) // of a file that it has seen the watch hears once more
  }
  const expected = [path(TO, 1), path(OTHER, 2), path(TO, 3), path(OTHER, 4)]
  t.strictSame([...hints].filter((hint) => hint !== path(OTHER, 0)).sort(), expected.sort())
})
