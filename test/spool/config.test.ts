import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { standardConfig } from '../../src/protocol/config.ts'
import { lookConfig, readConfig } from '../../src/spool/config.ts'
import { makeWorld } from '../world.ts'

t.test('config.json counts from the moment at which it is written', async (t) => {
  const { tree } = makeWorld(t)
  t.strictSame(lookConfig(tree), { config: standardConfig(), complaints: [] }, 'it may be missing')
  writeFileSync(join(tree.root, 'config.json'), '{"doors":[]}')
  t.strictSame(readConfig(tree).doors, [])
  writeFileSync(join(tree.root, 'config.json'), '{"doors":["socket","tmux"]}')
  t.strictSame(readConfig(tree).doors, ['socket', 'tmux'])
})

t.test('what is of this host alone counts in its state directory, and nowhere else', async (t) => {
  const { tree } = makeWorld(t)
  writeFileSync(join(tree.root, 'config.json'), '{"hold_weaker":false,"chain_depth":3}')
  t.match(readConfig(tree), { hold_weaker: true, chain_depth: 3 })
  t.equal(lookConfig(tree).complaints.length, 1)
  writeFileSync(join(tree.state, 'config.json'), '{"hold_weaker":false,"chain_depth":5}')
  t.match(readConfig(tree), { hold_weaker: false, chain_depth: 3 })
})

const STRANGE: Record<string, (file: string) => void> = {
  'a directory': (file) => mkdirSync(file),
  'a link': (file) => symlinkSync('/etc/hostname', file),
  'a file of two mebibytes': (file) => writeFileSync(file, ' '.repeat(2 ** 21)),
}

for (const [what, put] of Object.entries({
  ...STRANGE,
  'what is no object': (file: string) => writeFileSync(file, '{'),
}))
  t.test(`${what} in place of the settings of this host lets nobody in`, async (t) => {
    const { tree } = makeWorld(t)
    put(join(tree.state, 'config.json'))
    const { config, complaints } = lookConfig(tree)
    t.strictSame(config, { ...standardConfig(), allow: [], deny: ['* -> *'] })
    t.match(complaints, [{ code: 'bad-config', message: /nobody reaches anybody/ }])
  })

for (const [what, put] of Object.entries(STRANGE)) {
  t.test(`${what} in its place sets nothing, and is complained of`, async (t) => {
    const { tree } = makeWorld(t)
    const file = join(tree.root, 'config.json')
    put(file)
    t.match(lookConfig(tree), { config: standardConfig(), complaints: [{ code: 'bad-config' }] })
    rmSync(file, { recursive: true })
    t.strictSame(lookConfig(tree).complaints, [])
  })
}
