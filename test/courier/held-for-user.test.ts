// Two rehearsal agents, of which one asks its user and the other does not: whole, with courier, hooks and servers. mailbox-spec §11.2

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { listCards } from '../../src/spool/cards.ts'
import { scan } from '../../src/spool/scan.ts'
import { eventsOf, makeWorld, plainEnv, ROOT, type Run, run, until } from '../world.ts'
import { openTmux } from './stage.ts'

const PROGRAM = [process.execPath, join(ROOT, 'dist', 'repowire.js')]
const TO = 'backend@laptop'

const tmux = await openTmux(t)
const world = makeWorld(t)
const env = plainEnv({
  ...world.env,
  HOME: world.dir,
  REPOWIRE_REHEARSAL_THINKS: '1',
  TERM: 'xterm-256color',
})
t.teardown(() => repowire('daemon', 'stop'))

function repowire(...args: string[]): Promise<Run> {
  return run(t, [...PROGRAM, ...args], { env, cwd: world.dir })
}

/** A rehearsal agent whose hooks tell this mode. */
async function hire(name: string, mode: string): Promise<string> {
  const cwd = join(world.dir, 'src', name)
  mkdirSync(join(cwd, '.git'), { recursive: true })
  writeFileSync(join(cwd, 'notes.md'), `The port of ${name} is 4810.\n`)
  const more = { ...env, REPOWIRE_REHEARSAL_MODE: mode }
  const pane = await tmux.newPane([...PROGRAM, 'rehearse'], { cwd, env: more, width: 120, height: 40 })
  await until(() => listCards(world.tree).find((card) => card.tmux?.pane === pane))
  return pane
}

const screen = async (pane: string) => (await tmux.run(['capture-pane', '-p', '-J', '-t', pane])).toString()

t.test('a question of the one waits for the user of the other, and comes when he approves', async (t) => {
  const frontend = await hire('frontend', 'default')
  const backend = await hire('backend', 'bypassPermissions')
  await tmux.run(['send-keys', '-t', frontend, '-l', 'ask backend: Which port has backend?'])
  await tmux.run(['send-keys', '-t', frontend, 'Enter'])
  const held = await until(() => scan(world.tree, TO, 'held')[0])
  t.notMatch(eventsOf(world.tree, held.id).join(), 'typing')
  t.notMatch(await screen(backend), 'Which port')
  const listed = JSON.parse((await repowire('held', '--json')).stdout)
  t.match(listed, [{ id: held.id, from: 'frontend@laptop', to: TO, mode: 'default' }])
  t.match(await repowire('approve', held.id), { code: 0, stderr: '' })
  await until(async () => (await screen(frontend)).includes('The port of backend is 4810.'))
  t.match(eventsOf(world.tree, held.id).join(), /held.*approved.*typing.*given.*replied.*consumed/)
})
