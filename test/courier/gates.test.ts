// Every gate by itself: each row is let through by all the others. mailbox-spec §8.

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { whyHeld } from '../../src/courier/doors.ts'
import { approach, named } from '../../src/courier/gates.ts'
import {
  clearRows,
  look,
  lookAtAll,
  type Pane,
  paste,
  pressEnter,
  type View,
} from '../../src/courier/tmux.ts'
import { markOf } from '../../src/spool/process.ts'
import { openTerminal } from '../real/terminal.ts'
import { gone, here, makeWorld, until } from '../world.ts'
import { actor, firstOf, makeStage, openTmux } from './stage.ts'

const NO_PANE = { socket: '/nonexistent', pane: '%0' }

for (const [what, fields, why] of [
  ['works at a turn', { status: 'busy' }, 'it is busy with a turn'],
  [
    'shows a permission dialog',
    { status: 'waiting', waitingFor: 'permission prompt' },
    'its permission dialog is open',
  ],
  ['asks its user', { status: 'waiting', waitingFor: 'input needed' }, 'it asks its user something'],
  ['shows a dialog', { status: 'waiting', waitingFor: 'dialog open' }, 'its client has a dialog open'],
  ['shows a new kind of dialog', { status: 'waiting', waitingFor: 'a nod' }, /its user: a nod$/],
  ['shows a dialog that it does not name', { status: 'waiting' }, 'its client has a dialog open'],
  ['has ended a turn this very moment', { statusUpdatedAt: Date.now() + 60_000 }, /only just ended/],
  ['was moved to the background', { parkedJobId: 'x' }, /moved to the background/],
  ['says what nobody knows', { status: 'dreaming' }, /does not say what it is doing/],
  ['is no interactive session', { kind: 'sdk' }, /does not say what it is doing/],
  ['rests', {}, 'its tmux pane is gone'],
  ['runs a shell in the background', { status: 'shell' }, 'its tmux pane is gone'],
] as const) {
  t.test(
    `nothing is typed into a client that ${what}, and its status alone is asked before its pane`,
    async (t) => {
      const world = makeWorld(t)
      const { card, status } = actor(t, world, { tmux: NO_PANE })
      status(fields)
      t.match(await whyHeld(world.tree, card), why)
    },
  )
}

t.test('nothing is typed for a process that has ended, or that has no pane', async (t) => {
  const { tree, ...world } = makeWorld(t)
  const { card } = actor(t, { tree, ...world })
  t.equal(await whyHeld(tree, card), 'it runs in no tmux pane, and its client offers no inbox of its own')
  t.equal(await whyHeld(tree, { ...card, tmux: NO_PANE, process: gone }), 'its process has ended')
  t.match(await whyHeld(tree, { ...card, tmux: NO_PANE, agent: 'other' }), /has no hooks/)
  t.strictSame(await approach(card), { why: 'it runs in no tmux pane' })
})

t.test('panes', async (t) => {
  const tmux = await openTmux(t)
  const { peer, paint, wipe, dir, ...world } = await makeStage(t, tmux)
  const pane = peer.tmux?.pane as string

  t.test('a client that rests before an empty box is free', async (t) => {
    t.equal(await whyHeld(world.tree, peer), undefined)
  })

  t.test('a client whose box holds a draft is not, nor one whose box is out of sight', async (t) => {
    await paint('a draft')
    t.match(await whyHeld(world.tree, peer), /holds a text/)
    await wipe()
    t.match(await whyHeld(world.tree, peer), /not in view/)
    await paint('')
  })

  t.test('copy mode holds everything, and neither a paste nor an Enter gets through it', async (t) => {
    await tmux.run(['copy-mode', '-t', pane])
    t.match(await whyHeld(world.tree, peer), /copy mode/)
    await refuses(t, peer.tmux as Pane)
    const body = join(dir, 'body')
    writeFileSync(body, 'body')
    await tmux.run(['send-keys', '-t', pane, '-X', 'cancel'])
    t.equal(await paste(peer.tmux as Pane, 'x', 'header', body), 'pasted')
    t.equal(await pressEnter(peer.tmux as Pane), 'pressed')
    await until(() => world.typed().endsWith('\r'))
    t.equal(world.typed(), '\x1b[200~header\x1b[201~\x1b[200~body\x1b[201~\r', 'each once, and in brackets')
  })

  t.test('a paste into a pane that is dead is refused, and its server lives on', async (t) => {
    const dead = await tmux.newPane(['true'])
    await until(async () => (await tmux.show(dead, '#{pane_dead}')) === '1')
    const at = { socket: tmux.socket, pane: dead }
    t.equal(await whyHeld(world.tree, { ...peer, process: here, tmux: at }), 'its pane is dead')
    await refuses(t, at)
    t.equal(await whyHeld(world.tree, peer), undefined)
  })

  t.test('a pane in which another program runs now is not typed into', async (t) => {
    const other = await tmux.newPane(['cat'])
    t.match(
      await whyHeld(world.tree, { ...peer, tmux: { socket: tmux.socket, pane: other } }),
      /belongs to another program/,
    )
  })

  t.test('a client that does not read the keys of its own pane is not typed into', async (t) => {
    const file = join(dir, 'pid')
    const script = `set -m; sleep 1000 & echo $! > '${file}'; exec cat`
    const other = await tmux.newPane(['bash', '-c', script])
    const pid = await until(() => Number(readIfThere(file)) || undefined)
    const process = await until(() => markOf(pid))
    await until(async () => (await tmux.show(other, '#{pane_current_command}')) === 'cat')
    t.not(process.pid, (await firstOf(tmux, other)).pid)
    const card = { ...peer, process, tmux: { socket: tmux.socket, pane: other } }
    t.match(await whyHeld(world.tree, card), /^its pane's keys are read by another program \(cat\)$/)
  })

  t.test('a pane whose keys go to other panes too is not typed into', async (t) => {
    const synchronized = (flag: string) => tmux.run(['set', '-w', '-t', pane, 'synchronize-panes', flag])
    await synchronized('on')
    t.match(await whyHeld(world.tree, peer), /is synchronized/)
    await refuses(t, peer.tmux as Pane)
    await synchronized('off')
    t.equal(await whyHeld(world.tree, peer), undefined)
  })

  t.test('a pane that takes no keys is not typed into: nothing of it would arrive', async (t) => {
    await tmux.run(['select-pane', '-d', '-t', pane])
    t.match(await whyHeld(world.tree, peer), /takes no keys/)
    await refuses(t, peer.tmux as Pane)
    await tmux.run(['select-pane', '-e', '-t', pane])
    t.equal(await whyHeld(world.tree, peer), undefined)
  })

  t.test(
    'a person who types in the pane now is not disturbed, and is done after three seconds',
    async (t) => {
      const view = (await look(peer.tmux as Pane)) as View
      t.equal(view.lastKey, undefined, 'no terminal shows the pane')
      const whyAfter = (ms: number) =>
        whyHeld(world.tree, peer, { seen: async () => ({ ...view, lastKey: Date.now() - ms }) })
      t.equal(await whyAfter(0), 'its user is typing in its pane')
      t.equal(await whyAfter(2_500), 'its user is typing in its pane')
      t.equal(await whyAfter(3_000), undefined)
    },
  )

  t.test('a pane too small to show what is typed is not typed into', async (t) => {
    const view = (await look(peer.tmux as Pane)) as View
    const seen = async () => ({ ...view, width: 40, height: 10 })
    t.match(await whyHeld(world.tree, peer, { seen }), /too small \(40x10\)/)
    t.equal(await whyHeld(world.tree, peer), undefined, 'it is large enough')
  })

  t.test('a key of a terminal counts for the pane that is active in it, and for no other', async (t) => {
    const other = await tmux.newPane(['cat'])
    const beside = (
      await tmux.run(['split-window', '-d', '-P', '-F', '#{pane_id}', '-t', other, 'cat'])
    ).trim()
    const start = Math.floor(Date.now() / 1_000) * 1_000
    const terminal = await openTerminal(tmux, other)
    t.teardown(terminal.close)
    await terminal.type('x')
    await terminal.waitScreen(/x/)
    const keys = async () => {
      const views = await lookAtAll(tmux.socket, [other, beside, pane])
      return [other, beside, pane].map((one) => views.get(one)?.lastKey)
    }
    const [key, ...none] = await keys()
    t.ok(key !== undefined && key >= start && key <= Date.now(), `${key}`)
    t.strictSame(none, [undefined, undefined])
    t.equal((await look({ socket: tmux.socket, pane: other }))?.lastKey, key)
    await tmux.run(['select-pane', '-t', beside])
    t.strictSame(await keys(), [undefined, key, undefined], 'the other pane of the window is active now')
  })

  t.test('a key that comes after the look is seen by what pastes and presses Enter', async (t) => {
    const other = await tmux.newPane(['cat'])
    const beside = (
      await tmux.run(['split-window', '-d', '-P', '-F', '#{pane_id}', '-t', other, 'cat'])
    ).trim()
    const terminal = await openTerminal(tmux, other)
    t.teardown(terminal.close)
    const at = (one: string) => ({ socket: tmux.socket, pane: one })
    const body = join(t.testdir(), 'body')
    writeFileSync(body, 'body')
    await terminal.type('x')
    await terminal.waitScreen(/x/)
    await refuses(t, at(other))
    t.equal(await clearRows(at(other), 1), 'refused')
    t.notMatch(await tmux.capture(other), /header|body/)
    t.equal(await paste(at(beside), 'x', 'header', body), 'pasted', 'not in its active pane')
    t.equal(await pressEnter(at(beside)), 'pressed')

    const { now } = Date
    t.teardown(() => Object.assign(Date, { now }))
    Date.now = () => now() + 3_000
    t.equal(await paste(at(other), 'x', 'header', body), 'pasted', 'three seconds later')
    t.equal(await pressEnter(at(other)), 'pressed')
  })

  t.test('a turn that begins while its pane is looked at holds the message', async (t) => {
    const bin = join(dir, 'bin')
    mkdirSync(bin)
    const script = `#!/bin/sh\nprintf '{"status":"busy"}' > '${peer.session_file}'\nPATH='${process.env.PATH}' exec tmux "$@"\n`
    writeFileSync(join(bin, 'tmux'), script)
    chmodSync(join(bin, 'tmux'), 0o755)
    const { PATH } = process.env
    t.teardown(() => {
      process.env.PATH = PATH
    })
    process.env.PATH = `${bin}:${PATH}`
    t.equal(await whyHeld(world.tree, peer), 'it is busy with a turn')
  })
})

for (const [why, words] of [
  ['its permission dialog is open', "backend's permission dialog is open"],
  ['it asks its user something', 'backend asks its user something'],
  ['it was typed, and no hook has seen it yet', 'it was typed, and no hook has seen it yet'],
  ['another courier has taken over', 'another courier has taken over'],
  ['item', 'item'],
] as const) {
  t.test(`"${why}" is told to others as "${words}"`, async (t) => {
    t.equal(named(why, 'backend@laptop'), words)
  })
}

/** Neither a paste nor an Enter gets into this pane. */
async function refuses(t: Test, at: Pane): Promise<void> {
  const body = join(t.testdir(), 'body')
  writeFileSync(body, 'body')
  t.equal(await paste(at, 'x', 'header', body), 'refused')
  t.equal(await pressEnter(at), 'refused')
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
