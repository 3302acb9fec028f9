// A storm: three real sessions ask each other while the people before them type, draft, stop and go away. Then all is calm,
// and what came of it is judged.

import { eventually } from '../eventually.ts'
import { type Office, openOffice } from '../office.ts'
import { diceOf } from './dice.ts'
import { gather, scene } from './evidence.ts'
import { makeMinds } from './minds.ts'
import { type Person, seat, type Town } from './people.ts'
import type { StormRecord } from './record.ts'
import { judge, type Verdict } from './verdict.ts'

const NAMES = ['alpha', 'beta', 'gamma'] as const
const CALM_MS = 180_000

export type Storm = {
  verdict: Verdict
  record: StormRecord
  deeds: Record<string, number>
  doors: Record<string, number>
}

/** `haste`: how many times as fast as people are. */
export type Weather = { questions: number; seed: number; haste?: number }

/** `say`: is told how far it has come. `opened`: the office, for who must close it early. */
export async function storm(
  { questions, seed, haste = 1 }: Weather,
  say: (text: string) => void,
  opened: (office: Office) => void = () => {},
): Promise<Storm> {
  const office = await openOffice({ turns_per_hour: 0 })
  opened(office)
  const minds = makeMinds(diceOf(seed, 'minds'))
  office.other = minds.speak
  const town: Town = {
    office,
    minds,
    names: NAMES,
    disturbances: [],
    dialogs: [],
    drafts: [],
    deeds: new Map(),
    haste,
  }
  const people = await Promise.all(NAMES.map((name) => seat(town, name, diceOf(seed, name))))
  const isOver = () => minds.asked() >= questions
  await Promise.all(people.map((person) => live(person, isOver, say, minds.asked))).catch(async (error) => {
    throw new Error(`${error}\n${await scene(office)}`)
  })
  say('calm')
  await calm(office, people)
  const { disturbances, dialogs, drafts } = town
  const record = { ...(await gather(office)), disturbances, dialogs, drafts }
  const doors = await doorsOf(office)
  await Promise.all(people.map((person) => person.close()))
  return { verdict: judge(record), record, deeds: Object.fromEntries(town.deeds), doors }
}

async function live(
  person: Person,
  isOver: () => boolean,
  say: (text: string) => void,
  asked: () => number,
): Promise<void> {
  while (!isOver()) {
    await person.act()
    say(`${asked()} asked`)
  }
}

/** Nobody touches anything any more; whatever is on its way arrives. What does not is for the judge. */
async function calm(office: Office, people: Person[]): Promise<void> {
  const over = async () => {
    await Promise.all(people.map((person) => person.rest()))
    const mail = (await Promise.all(NAMES.map((name) => office.mail(name)))).flat()
    return mail.every((file) => /^(done|dead)\//.test(file))
  }
  await eventually('all mail to be over', over, { within: CALM_MS }).catch(() => {})
}

async function doorsOf(office: Office): Promise<Record<string, number>> {
  const doors: Record<string, number> = {}
  for (const { event, door } of await office.journal())
    if (event === 'typing') doors[String(door)] = (doors[String(door)] ?? 0) + 1
  return doors
}
