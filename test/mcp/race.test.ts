// A courier, in a process of its own, and a waiting server run for the same answers: each answer is shown once, by one of them.

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Card } from '../../src/protocol/card.ts'
import { fileName } from '../../src/protocol/layout.ts'
import { replaceCard } from '../../src/spool/cards.ts'
import { makeHints } from '../../src/spool/hints.ts'
import { findMessage } from '../../src/spool/publish.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { given, handOver } from '../../src/verbs/given.ts'
import { reply } from '../../src/verbs/reply.ts'
import { makeStage, openTmux, type Stage } from '../courier/stage.ts'
import { bundle, here, mailOf, plainEnv, start, until } from '../world.ts'

const TIMES = 150
const PATIENCE_MS = 90_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
/** 0 to `most` ms, by the number of the trial: every mixture of times comes, in every run. */
const spread = (n: number, most: number) => ((n * 7919) % 101) * (most / 100)

/** This one waits until it has the answer: nobody else may take it. */
const isPatient = (n: number) => n % 10 === 0

async function startAttender(t: Test, { env }: Stage, card: Card): Promise<void> {
  const program = await bundle(t, new URL('attender.ts', import.meta.url))
  const own = plainEnv({ ...env, TMUX: '' })
  const child = start(t, [process.execPath, program, card.address], { env: own })
  await once(child.stdout as NodeJS.ReadableStream, 'data')
}

/** The client's prompt hook: sees what is typed into the pane, and says so. */
function startHook(t: Test, { tree, typed }: Stage, card: Card): (id: string) => number {
  const headers = () => [...typed().matchAll(/\[repowire:(\S+) answer/g)].map(([, id]) => id as string)
  const seen = new Set<string>()
  const look = () => {
    for (const id of headers().filter((id) => !seen.has(id))) {
      seen.add(id)
      given(tree, card, { text: `[repowire:${id} answer from backend@laptop]`, hook: 'prompt' })
    }
  }
  const timer = setInterval(look, 3)
  t.teardown(() => clearInterval(timer))
  return (id) => headers().filter((typed) => typed === id).length
}

/** Asks, lets the answer come while it waits, is late or waits again, and returns who has shown it to the model. */
async function race(
  { tree, me }: Stage,
  card: Card,
  n: number,
): Promise<{ id: string; by: 'server' | 'courier' }> {
  const { id } = ask(tree, card.address, here, { peer: 'frontend', body: 'x' })
  const file = fileName(id, 'reply')
  const wait = (milliseconds: number) =>
    awaitReply(tree, card.address, here, id, { milliseconds, hints: makeHints() })
  const answer = pause(spread(n, 20)).then(() => reply(tree, me.address, id, 'answer'))
  for (let most = 12; ; most = 60) {
    const found = await wait(isPatient(n) ? 60_000 : spread(n + most, most))
    const state = findMessage(tree, card.address, file)
    if (found === undefined && state !== 'done') await pause(spread(n * 3, 90))
    else {
      await answer
      const by = state === 'cur' ? 'server' : 'courier'
      if (by === 'server') handOver(tree, card, id, 'post-tool')
      return { id, by }
    }
  }
}

t.test(
  `of ${TIMES} answers each is shown once: by the server that waits for it, or by the courier`,
  { timeout: PATIENCE_MS },
  async (t) => {
    const stage = await makeStage(t, await openTmux(t))
    const card = stage.peer
    writeFileSync(join(stage.tree.root, 'config.json'), '{"turns_per_hour":0}')
    replaceCard(stage.tree, card) // with its pane, for the other process
    const timesTyped = startHook(t, stage, card)
    await startAttender(t, stage, card)
    const won = { server: 0, courier: 0 }
    for (let n = 0; n < TIMES; n++) {
      const { id, by } = await race(stage, card, n)
      won[by] += 1
      if (isPatient(n)) t.equal(by, 'server', 'it was waited for all the time')
      await until(() => mailOf(stage.tree, card.address).includes(`done/${id}.reply.json`))
      const left = mailOf(stage.tree, card.address).filter((file) => file.includes(id))
      t.strictSame(left, [`done/${id}.reply.json`])
      t.equal(timesTyped(id), by === 'courier' ? 1 : 0, `shown by the ${by}`)
    }
    t.comment(won)
    t.ok(won.server >= TIMES / 20 && won.courier >= TIMES / 20, `both have won: ${JSON.stringify(won)}`)
  },
)
