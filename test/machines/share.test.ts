// `repowire share syncthing` beside a real node: what it finds, says, writes and leaves alone.

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readShare } from '../../src/spool/share.ts'
import { locateTree } from '../../src/spool/tree.ts'
import { PROGRAM } from '../cli/shell.ts'
import { makeDir, plainEnv, run } from '../world.ts'
import { share, startNode, withoutSyncthing } from './syncthing.ts'

const skip = withoutSyncthing()

/** A node whose folder holds a root as `below`, and the command beside it. `more`: of the folder. */
async function makeFolder(t: Test, below: string, more: object = {}) {
  const dir = makeDir(t)
  const folder = join(dir, 'folder')
  const root = join(folder, below)
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const node = await startNode(join(dir, 'syncthing'), folder)
  t.teardown(node.stop)
  await share([node], { more })
  const env = { HOME: dir, REPOWIRE_HOME: root, REPOWIRE_STATE: join(dir, 'state'), STHOMEDIR: node.home }
  const shared = (words: string[], changed: Record<string, string> = {}) =>
    run(t, [...PROGRAM, 'share', ...words], { env: plainEnv({ ...env, ...changed }) })
  return { node, folder, shared, tree: locateTree(env) }
}

const ignoresOf = (folder: string) => readFileSync(join(folder, '.stignore'), 'utf8')

t.test(
  'a folder that is as it should be is remembered, and what must not be synchronised is ignored',
  { skip },
  async (t) => {
    const { node, folder, shared, tree } = await makeFolder(t, 'deep/mailbox')
    const mine = '// mine\n*.iso\n'
    writeFileSync(join(folder, '.stignore'), mine)
    const dry = await shared(['syncthing', '--dry-run'])
    t.equal(dry.code, 0, dry.stdout + dry.stderr)
    t.match(dry.stdout, /Nothing was changed/)
    t.equal(ignoresOf(folder), mine)
    t.equal(readShare(tree), undefined)
    const done = await shared(['syncthing'])
    t.equal(done.code, 0, done.stdout + done.stderr)
    t.strictSame(readShare(tree), {
      kind: 'syncthing',
      api: node.api,
      key: node.key,
      folder: node.folder,
      prefix: 'deep/mailbox/',
    })
    t.equal(statSync(join(tree.state, 'share.json')).mode & 0o777, 0o600)
    t.equal(ignoresOf(folder), `// repowire: begin\n(?d)/deep/mailbox/tmp\n// repowire: end\n${mine}`)
    t.match((await shared(['syncthing'])).stdout, /is as it should be/)
    t.equal(ignoresOf(folder).split('repowire: begin').length, 2, 'once')
    t.match((await shared(['off'])).stdout, /nothing from now on/)
    t.equal(readShare(tree), undefined)
  },
)

t.test('what of a folder hurts a mailbox is said, with what to do', { skip }, async (t) => {
  const more = {
    ignorePerms: true,
    fsWatcherEnabled: false,
    type: 'receiveonly',
    versioning: { type: 'trashcan', params: {} },
  }
  const { shared } = await makeFolder(t, '', more)
  const { code, stdout } = await shared(['syncthing', '--json'])
  t.equal(code, 1)
  const { remarks, prefix } = JSON.parse(stdout) as {
    remarks: { bad: boolean; what: string }[]
    prefix: string
  }
  t.equal(prefix, '')
  const bad = remarks.flatMap(({ bad, what }) => (bad ? [what] : []))
  for (const [at, words] of [
    /receiveonly/,
    /versions \(trashcan\)/,
    /permissions/,
    /does not watch/,
  ].entries())
    t.match(bad[at], words)
  t.equal(bad.length, 4)
})

t.test('a state directory in the folder is ignored, too', { skip }, async (t) => {
  const { folder, shared } = await makeFolder(t, '.repowire')
  mkdirSync(join(folder, 'state'), { mode: 0o700 })
  t.equal((await shared(['syncthing'], { REPOWIRE_STATE: join(folder, 'state') })).code, 0)
  t.match(ignoresOf(folder), /^\/state$/m)
})

t.test(
  'what keeps it from Syncthing is said: a wrong key, nobody there, another folder, no settings',
  { skip },
  async (t) => {
    const { node, shared } = await makeFolder(t, '')
    const elsewhere = makeDir(t)
    const said = async (words: string[], env = {}) => {
      const { code, stderr } = await shared(['syncthing', ...words], env)
      t.not(code, 0)
      t.match(stderr, /\[share-failed\]/)
      return stderr
    }
    t.match(await said(['--api-key', 'wrong']), /does not take this key/)
    t.match(await said([], { REPOWIRE_HOME: join(elsewhere, 'root') }), /None of the folders/)
    t.match(await said([], { STHOMEDIR: elsewhere }), /settings of Syncthing were not found/)
    await node.stop()
    t.match(await said([]), /does not answer/)
  },
)
