// What is left of a shared root whose file system is not mounted is no mailbox to begin.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { forgetMissing } from '../../src/spool/root-missing.ts'
import { noteShared } from '../../src/spool/shared.ts'
import {
  existingTree,
  lookEvenIfTaken,
  lookTree,
  openTree,
  relabelled,
  stateTemporaryPath,
} from '../../src/spool/tree.ts'
import { purge } from '../../src/verbs/purge.ts'
import { codeThrown, makeWorld, type World } from '../world.ts'

/** One of several machines, whose root has been taken away. */
function unmounted(t: Test): World & { mounted: string } {
  const world = makeWorld(t)
  const mounted = join(world.dir, 'mounted')
  mkdirSync(join(world.tree.root, '.stfolder'))
  noteShared(world.tree, stateTemporaryPath(world.tree))
  renameSync(world.tree.root, mounted)
  return { ...world, mounted }
}

const opening = { openTree, existingTree, lookTree, lookEvenIfTaken }

t.test(
  'a shared root that is missing or empty is refused, whoever opens it, and nothing is made',
  async (t) => {
    const { env, tree, mounted } = unmounted(t)
    const refuse = () => {
      for (const [name, open] of Object.entries(opening))
        t.equal(
          codeThrown(() => open(env)),
          'root-missing',
          name,
        )
      t.equal(
        codeThrown(() => relabelled(tree)),
        'root-missing',
      )
    }
    refuse()
    t.notOk(existsSync(tree.root))
    mkdirSync(tree.root, { mode: 0o700 })
    refuse()
    t.strictSame(readdirSync(tree.root), [])
    rmSync(tree.root, { recursive: true })
    renameSync(mounted, tree.root)
    for (const open of Object.values(opening)) t.strictSame(open(env), tree)
    t.strictSame(relabelled(tree), tree)
  },
)

t.test('a root that was never shared is made again where it is missing', async (t) => {
  const { env, tree } = makeWorld(t)
  rmSync(tree.root, { recursive: true })
  t.equal(existingTree(env), undefined)
  t.strictSame(openTree(env), tree)
})

t.test('a root that is still being synchronised, its marker last, is there', async (t) => {
  const { env, tree } = unmounted(t)
  mkdirSync(join(tree.root, 'peers'), { recursive: true, mode: 0o700 })
  t.strictSame(openTree(env), tree)
})

t.test('a root begins anew where a person says so, and only while it is missing', async (t) => {
  const { env, tree } = unmounted(t)
  t.ok(forgetMissing(tree))
  t.strictSame(openTree(env), tree)
  writeFileSync(join(tree.state, 'shared'), '')
  t.notOk(forgetMissing(tree))
  t.ok(existsSync(join(tree.state, 'shared')))
})

t.test('who has removed a shared mailbox can set up another one', async (t) => {
  const { env, tree } = makeWorld(t)
  writeFileSync(join(tree.state, 'shared'), '')
  purge(tree)
  t.equal(existingTree(env), undefined)
  t.ok(existsSync(join(openTree(env).root, 'mailbox.json')))
})
