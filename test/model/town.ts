/** Three agents and a person in one root: a client with hooks twice, one without, and a shell. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Card, ProcessMark } from '../../src/protocol/card.ts'
import { openTree, type Tree } from '../../src/spool/tree.ts'
import { register } from '../../src/verbs/register.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { here } from '../world.ts'
import { Ledger } from './ledger.ts'
import { type Courier, makeCourier } from './round.ts'
import { begin, end } from './sky.ts'

/** `hooks`: the client runs hooks. `prompts`: what the turn of now has taken up, the first one first; empty between turns. `screen`: what was typed and not yet seen. */
export type Actor = {
  kind: 'agent' | 'person'
  hooks: boolean
  directory: string
  client: ProcessMark
  server: ProcessMark
  alive: boolean
  serverAlive: boolean
  address: string
  prompts: string[]
  screen: { id: string; text: string }[]
}

export type Town = {
  dir: string
  tree: Tree
  actors: Actor[]
  courier: Courier
  ledger: Ledger
  tornLines: boolean
}

const PLAYERS = [
  { name: 'api', kind: 'agent', hooks: true },
  { name: 'web', kind: 'agent', hooks: true },
  { name: 'tool', kind: 'agent', hooks: false },
  { name: 'ada', kind: 'person', hooks: false },
] as const

export function makeTown(): Town {
  const dir = mkdtempSync(join(tmpdir(), 'repowire-model-'))
  mkdirSync(join(dir, 'home', 'sessions'), { recursive: true })
  writeFileSync(join(dir, 'home', 'transcript'), '')
  const tree = openTree({ REPOWIRE_HOME: join(dir, 'root'), REPOWIRE_STATE: join(dir, 'state') })
  const actors = PLAYERS.map(({ name, kind, hooks }): Actor => {
    const directory = join(dir, 'work', name)
    mkdirSync(join(directory, '.git'), { recursive: true })
    const dead = { ...here, start: '1' }
    const all = { alive: false, serverAlive: false, prompts: [], screen: [] }
    return { kind, hooks, directory, client: dead, server: dead, address: `${name}@${tree.host}`, ...all }
  })
  const town: Town = { dir, tree, actors, courier: makeCourier(), ledger: new Ledger(), tornLines: false }
  for (const actor of actors) {
    arrive(town, actor)
    seatOf(town, actor)
  }
  return town
}

export function removeTown({ dir, actors }: Town): void {
  for (const { client, server } of actors) {
    end(client)
    end(server)
  }
  rmSync(dir, { recursive: true, force: true })
}

/** Its next session begins, with a server of its own; a shell is its own. */
export function arrive(town: Town, actor: Actor): void {
  if (actor.alive) return
  actor.client = begin(1, here)
  actor.server = actor.kind === 'person' ? actor.client : begin(actor.client.pid, here)
  Object.assign(actor, { alive: true, serverAlive: true, prompts: [], screen: [] })
  rest(town, actor)
}

export function depart(actor: Actor): void {
  end(actor.client)
  end(actor.server)
  Object.assign(actor, { alive: false, serverAlive: false })
}

/** The server of this client ends; the client starts another one with its next call. */
export function loseServer(actor: Actor): void {
  if (actor.kind === 'person') depart(actor)
  end(actor.server)
  actor.serverAlive = false
}

/** The card, as whoever speaks for this client asks for it before each use. */
export function seatOf({ tree, dir }: Town, actor: Actor, byHook = false): Card {
  if (actor.kind === 'person') {
    const card = registerPerson(tree, 'ada', actor.client, actor.directory)
    actor.address = card.address
    return card
  }
  if (!byHook && !actor.serverAlive) {
    actor.server = begin(actor.client.pid, here)
    actor.serverAlive = true
  }
  const agent = actor.hooks ? ('claude-code' as const) : ('other' as const)
  const applicant = { agent, process: actor.client, directory: actor.directory }
  const session = actor.hooks ? { session_file: sessionFile(dir, actor) } : {}
  const card = register(tree, { ...applicant, ...session, ...(byHook ? {} : { server: actor.server }) })
  actor.address = card.address
  return card
}

/** The client says what it is doing, as from now on. */
export function say(town: Pick<Town, 'dir'>, actor: Actor, status: 'idle' | 'busy'): void {
  const fields = { kind: 'interactive', status, statusUpdatedAt: Date.now(), sessionId: 's', cwd: '/x' }
  writeFileSync(sessionFile(town.dir, actor), JSON.stringify(fields))
}

/** Its turn is over, or was interrupted: no hook says so. */
export function rest(town: Pick<Town, 'dir'>, actor: Actor): void {
  actor.prompts = []
  say(town, actor, 'idle')
}

function sessionFile(dir: string, { client }: Actor): string {
  return join(dir, 'home', 'sessions', `${client.pid}.json`)
}
