// A person at a session, at its terminal: types, drafts, says no to dialogs, stops things, goes away and comes back.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { readComposer } from '../../../src/agents/claude-code/composer.ts'
import { eventually } from '../eventually.ts'
import type { Office } from '../office.ts'
import type { ClaudeSession } from '../session.ts'
import { openTerminal, type Terminal } from '../terminal.ts'
import type { Dice } from './dice.ts'
import type { Minds } from './minds.ts'
import type { Dialog, Disturbance, Draft } from './record.ts'

/** What all of them share, and what they tell of what they did. */
export interface Town {
  office: Office
  minds: Minds
  names: readonly string[]
  disturbances: Disturbance[]
  dialogs: Dialog[]
  drafts: Draft[]
  /** How often each thing was done. */
  deeds: Map<string, number>
  /** How many times as fast as people are. */
  haste: number
}

export interface Person {
  /** Does one thing, or leaves it where it cannot be done now. */
  act(): Promise<void>
  /** Leaves the session at rest and its box empty. */
  rest(): Promise<void>
  close(): Promise<void>
}

const DEEDS = {
  ask: 10,
  say: 2,
  draft: 3,
  dialog: 2,
  suspend: 2,
  stop: 2,
  clear: 1,
  kill: 0.4,
}

type Deed = keyof typeof DEEDS

// An agent may wait for one that waits for a third, and each for a machine that has other things to do.
const PATIENCE_MS = 150_000

export async function seat(town: Town, name: string, dice: Dice): Promise<Person> {
  let session = await enter(town, name)
  let terminal = await openTerminal(town.office.tmux, session.pane)

  const box = async () => readComposer(await session.screen({ escapes: true }))
  const status = async () => (await session.status())?.status
  const ready = (within = PATIENCE_MS) =>
    eventually(
      `${name} at rest`,
      async () => (await status()) === 'idle' && (await box()).state !== 'unknown',
      {
        within,
        lastSeen: () => session.screen(),
      },
    )

  /** As a person does before typing: looks at the box, and takes out what stands there. */
  const emptyBox = () =>
    eventually(
      `the empty box of ${name}`,
      async () => {
        const { state } = await box()
        if (state === 'holds') await terminal.press('C-u')
        return state === 'empty'
      },
      { within: PATIENCE_MS, lastSeen: () => session.screen() },
    )
  const submit = async (text: string) => {
    await emptyBox()
    await terminal.type(text)
    await terminal.press('Enter')
  }
  /** From `least` to `most` ms, if nobody is in haste. */
  const dally = (least: number, most: number) => pause(dice.between(least, most) / town.haste)
  const disturbs = (by: Disturbance['by']) => town.disturbances.push({ at: Date.now(), peer: name, by })

  const deeds: Record<Deed, () => Promise<unknown>> = {
    ask: async () => {
      const [peer, other] = shuffled(
        dice,
        town.names.filter((it) => it !== name),
      )
      const via = dice.chance(0.2) ? ` (ask ${other} first)` : ''
      const how = dice.chance(0.1) ? 'URGE' : 'ASK'
      await submit(`${how} ${peer}: ${town.minds.word('Q')}${via}`)
    },
    say: () => submit(`SAY ${town.minds.word('H')}`),
    draft: async () => {
      await emptyBox()
      const wrote = `not yet sent ${town.minds.word('D')}`
      await terminal.type(wrote)
      await session.waitScreen(new RegExp(wrote), PATIENCE_MS)
      await dally(500, 8_000)
      const found = await box()
      town.drafts.push({ wrote, found: 'text' in found ? found.text : found.state })
      await terminal.press('C-u')
    },
    dialog: async () => {
      const word = town.minds.word('B')
      await submit(`DO ${word}`)
      await session.waitScreen(/Do you want[\s\S]*No/, PATIENCE_MS)
      await dally(500, 6_000)
      disturbs('stop')
      await terminal.press('Escape')
      await session.waitScreen(/^❯/m, PATIENCE_MS)
      const file = join(await town.office.project(name), `made-${word}`)
      town.dialogs.push({ word, ran: existsSync(file) })
    },
    suspend: async () => {
      await ready()
      await terminal.press('C-z')
      await session.waitScreen(/Stopped[\s\S]*[$#]\s*$/)
      await dally(500, 6_000)
      await terminal.type('fg')
      await terminal.press('Enter')
      await ready()
    },
    stop: async () => {
      if ((await status()) !== 'busy') return
      disturbs('stop')
      await terminal.press('Escape')
      disturbs('stop')
      await ready()
    },
    clear: async () => {
      await ready()
      const before = (await session.status())?.sessionId
      await submit('/clear')
      disturbs('clear')
      // Where a question came first, the client does it when that turn has ended; or it was sent off as a part of that question.
      const isNew = async () => (await session.status())?.sessionId !== before
      const wentAlong = async () =>
        (await town.office.prompts(session)).some((it) =>
          /\[repowire:[\s\S]*\/clear|\/clear[\s\S]*\[repowire:/.test(it),
        )
      await eventually('a new conversation', async () => (await isNew()) || (await wentAlong()), {
        within: PATIENCE_MS,
        lastSeen: () => session.screen(),
      })
    },
    kill: async () => {
      disturbs('kill')
      session.kill('SIGKILL')
      await session.waitGone()
      await leave(town, session, terminal)
      session = await enter(town, name)
      terminal = await openTerminal(town.office.tmux, session.pane)
    },
  }
  return {
    act: async () => {
      if (dice.chance(0.7)) await ready()
      await dally(0, dice.chance(0.2) ? 9_000 : 3_000)
      const deed = dice.weigh(DEEDS)
      await deeds[deed]()
      town.deeds.set(deed, (town.deeds.get(deed) ?? 0) + 1)
    },
    rest: async () => {
      await ready(2 * PATIENCE_MS)
      await emptyBox()
    },
    close: () => leave(town, session, terminal),
  }
}

/** From a shell, so that Ctrl+Z has somewhere to go. */
function enter({ office }: Town, name: string): Promise<ClaudeSession> {
  return office.hire(name, { fromShell: true, args: ['--permission-mode', 'default'] })
}

async function leave({ office }: Town, session: ClaudeSession, terminal: Terminal): Promise<void> {
  await terminal.close()
  await office.tmux.kill(session.pane)
}

function shuffled<T>(dice: Dice, all: T[]): T[] {
  return dice.chance(0.5) ? all : all.toReversed()
}
