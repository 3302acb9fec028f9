/** One exchange, watched from outside: by the files, by what the agents say of themselves, and by what their panes show. */

import { livingCourier } from '../../courier/courier-file.ts'
import { scan } from '../../spool/scan.ts'
import type { Cast } from './demo-cast.ts'
import { composerOf, isFree } from './demo-look.ts'
import type { Program } from './demo-panes.ts'
import { writeRepositories } from './demo-repositories.ts'
import { filesBelow, type Moment, tell, tellAll } from './demo-show.ts'
import type { Stage } from './demo-stage.ts'
import { until } from './demo-until.ts'

/** shop-frontend on the left asks, shop-backend on the right is asked. */
type Scene = { stage: Stage; cast: Cast; signal: AbortSignal; left: string; right: string }

const TYPED_MS = 5_000
const COLOURS = process.stdout.isTTY && !process.env.NO_COLOR

/** Starts the agents, lets one ask the other, and prints both moments. */
export async function play(stage: Stage, cast: Cast, signal: AbortSignal): Promise<void> {
  const { frontend, backend } = writeRepositories(stage.directory)
  await cast.prepare(stage, { frontend, backend })
  tell(`starting ${cast.name} in a private tmux`)
  const { command } = cast
  const programs = [frontend, backend].map((directory) => ({ command, directory })) as [Program, Program]
  const [left, right] = (await stage.panes.open(...programs)) as [string, string]
  const scene = { stage, cast, signal, left, right }
  await orShowPanes(scene, () => exchange(scene))
}

async function exchange(scene: Scene): Promise<void> {
  const { stage, cast, signal } = scene
  // Not to be interrupted: what is killed while it starts leaves hooks behind that still write.
  await until('two idle agents', () => bothRun(scene, () => haveStarted(scene)), {
    within: cast.startsWithin,
  })
  signal.throwIfAborted()
  tell(`typing into shop-frontend: ${cast.line}`)
  await submit(scene, cast.line)
  await wait(scene, 'the question', cast.answersWithin, () => questionIsSeen(scene))
  const asked = await look(scene)
  tell('shop-backend has been given the question')
  await wait(scene, 'the answer', cast.answersWithin, () => has(stage, 'shop-frontend', 'reply'))
  await wait(scene, 'the end of the turn', cast.answersWithin, () => bothAreFree(scene))
  tell('shop-frontend has the answer')
  tellAll(stage.tree.root, COLOURS, asked, await look(scene))
}

function wait(scene: Scene, what: string, within: number, check: () => boolean | Promise<boolean>) {
  return until(what, () => bothRun(scene, check), { within, signal: scene.signal })
}

/** Nothing comes any more where an agent has ended. */
async function bothRun({ stage }: Scene, check: () => boolean | Promise<boolean>): Promise<boolean> {
  const seen = await check()
  if (!seen && (await stage.panes.oneEnded())) throw new Error('An agent ended by itself: its pane says why.')
  return seen
}

/** Enter only when the line stands in the box: a client takes one that comes with the text for a new line. */
async function submit(scene: Scene, line: string): Promise<void> {
  const { panes } = scene.stage
  await panes.type(scene.left, line)
  const holdsLine = async () => {
    const box = await composerOf(scene.stage, scene.left)
    return box?.state === 'holds' && squeezed(box.text) === squeezed(line)
  }
  await wait(scene, 'the typed line', TYPED_MS, holdsLine)
  await panes.pressEnter(scene.left)
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, '')
}

async function haveStarted(scene: Scene): Promise<boolean> {
  return (await bothAreFree(scene)) && livingCourier(scene.stage.tree) !== undefined
}

async function bothAreFree({ stage, cast, left, right }: Scene): Promise<boolean> {
  return (await isFree(stage, left, cast)) && (await isFree(stage, right, cast))
}

/** Given by the hook, and in view; or over already, where the agent was faster than we look. */
async function questionIsSeen({ stage, right }: Scene): Promise<boolean> {
  return (
    has(stage, 'shop-backend', 'query') && (await stage.panes.capture(right, false)).includes('[repowire:')
  )
}

/** True when the mailbox has a message of this kind that its agent was given. */
function has({ tree }: Stage, name: string, kind: 'query' | 'reply'): boolean {
  const address = `${name}@${tree.host}`
  const mail = [...scan(tree, address, 'open'), ...scan(tree, address, 'done')]
  return mail.some((one) => one.kind === kind)
}

async function look({ stage, left, right }: Scene): Promise<Moment> {
  const files = filesBelow(stage.tree.root)
  const [asker, asked] = await Promise.all([left, right].map((pane) => stage.panes.capture(pane, COLOURS)))
  return { asker: asker as string, asked: asked as string, files }
}

/** Where something does not come, what the panes show says why: a dialog, an error. */
async function orShowPanes({ stage, left, right, signal }: Scene, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    const screens = [left, right].map((pane) => stage.panes.capture(pane, false).catch(String))
    if (!signal.aborted)
      for (const screen of await Promise.all(screens)) process.stderr.write(`${screen.trimEnd()}\n\n`)
    throw error
  }
}
