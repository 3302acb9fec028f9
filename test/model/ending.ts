/** Everything works again, everybody who has a name takes and answers its mail, and time passes: what is left then is lost. */

import { listAsks } from '../../src/spool/asks.ts'
import { resume } from '../../src/spool/pause.ts'
import { scan } from '../../src/spool/scan.ts'
import { sweep } from '../../src/verbs/sweep.ts'
import { asksOn, lettersOn, readDisk } from '../crash/on-disk.ts'
import { ACTS } from './acts.ts'
import type { Deed } from './program.ts'
import { live } from './seam.ts'
import { pass } from './sky.ts'
import { arrive, depart, rest, type Town } from './town.ts'

const ROUNDS = 4

/** What did not come to its end, in words. */
export async function finish(town: Town): Promise<string[]> {
  const wrong: string[] = []
  const act = async (name: Deed['act'], who: number, n = 0) => {
    const [me, you] = [town.actors[who], town.actors[who]]
    if (me === undefined || you === undefined) return
    const { error } = await live(() => ACTS[name](town, { act: name, who, whom: who, n, me, you }))
    if (error !== undefined && (error as { code?: string }).code !== 'no-such-query')
      wrong.push(`in the end, ${name} of ${who} fails: ${(error as Error).stack}`)
  }
  const everybody = [...town.actors.keys()]
  await act('courier: another', 0)
  for (let n = 0; n < ROUNDS; n++) {
    if (n === ROUNDS - 2) for (const actor of town.actors) depart(actor)
    for (const who of everybody) {
      const actor = town.actors[who]
      if (actor === undefined) continue
      arrive(town, actor)
      rest(town, actor)
      await act('begin an agent', who)
      resume(town.tree, actor.address)
    }
    for (let round = 0; round < 2; round++) {
      pass(70_000)
      await act('courier: round', 0)
    }
    for (const who of everybody) {
      await act('take the mail', who)
      for (let k = 0; k < openOf(town, who); ) {
        await act('reply', who, 0)
        k += 1
      }
    }
    for (const who of everybody) for (let k = 0; k < asksOf(town, who); k++) await act('wait', who, k)
    pass(n === ROUNDS - 2 ? 100_000_000 : 700_000)
    await act('courier: round', 0)
  }
  sweep(town.tree)
  return [...wrong, ...unfinished(town), ...unkept(town)]
}

function openOf({ tree, actors }: Town, who: number): number {
  return scan(tree, actors[who]?.address ?? '', 'open').length
}

function asksOf({ tree, actors, ledger }: Town, who: number): number {
  return Math.min(12, listAsks(tree, actors[who]?.address ?? '').length + ledger.questionsOf(who).length)
}

function unfinished({ dir }: Town): string[] {
  const disk = readDisk(dir)
  const letters = lettersOn(disk).filter(({ state }) => state !== 'done' && state !== 'dead')
  return [
    ...letters.map(({ path }) => `it does not come to its end: ${path}`),
    ...asksOn(disk).map(({ path }) => `a question is asked for ever: ${path}`),
  ]
}

/** What was acknowledged, and did not come to its end as it was told. */
function unkept(town: Town): string[] {
  const { ledger, dir } = town
  const letters = lettersOn(readDisk(dir))
  const find = (id: string, kind: string) => letters.find((it) => it.file === `${id}.${kind}.json`)
  return ledger.sent.flatMap((one) => {
    const { kind, id, sure, from, to, body } = one
    if (!sure || id === undefined) return []
    const name = `${kind} ${JSON.stringify(body)} of ${from}`
    const letter = find(id, kind)
    if (letter === undefined) return [`lost: ${name}`]
    if (kind === 'notice')
      return letter.state === 'done' && (ledger.wasShown(to, id, kind) || ledger.excused.has(to))
        ? []
        : [`never shown to ${to}, in ${letter.path}: ${name}`]
    const reply = find(id, 'reply')
    if (reply === undefined) return [`no outcome: ${name}`]
    const taken = ledger.cancelled.has(id) || ledger.excused.has(from) || ledger.wasShown(from, id, 'reply')
    const told = taken ? [] : [`its asker was never told (${reply.message?.outcome}, ${reply.path}): ${name}`]
    const said = ledger.answers.find((answer) => answer.id === id && answer.sure)
    const doubtful = ledger.answers.some((answer) => answer.id === id && !answer.sure)
    const kept =
      said === undefined ||
      doubtful ||
      ledger.answers.some((answer) => answer.id === id && answer.sure && answer.body === reply.message?.body)
    return kept
      ? told
      : [
          ...told,
          `answered with ${JSON.stringify(said?.body)}, and its asker got ${JSON.stringify(reply.message?.body)}: ${name}`,
        ]
  })
}
