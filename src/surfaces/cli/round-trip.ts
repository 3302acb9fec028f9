/** One real question and its answer: this installation's courier, hooks and agent, in a place of their own that is gone afterwards. */

import * as os from 'node:os'
import * as path from 'node:path'
import { livingCourier } from '../../courier/courier-file.ts'
import type { ProcessMark } from '../../protocol/card.ts'
import { makeDirectory, writeNew } from '../../spool/disk.ts'
import { makeHints } from '../../spool/hints.ts'
import { markOf } from '../../spool/process.ts'
import { watchForWaiter } from '../../spool/watch.ts'
import { ask } from '../../verbs/ask.ts'
import { awaitReply } from '../../verbs/await-reply.ts'
import { handOver } from '../../verbs/given.ts'
import { registerPerson } from '../../verbs/register-person.ts'
import { rehearsalCast } from './demo-cast.ts'
import { cardIn, isFree } from './demo-look.ts'
import { clearStage, type Stage, setStage } from './demo-stage.ts'
import { until } from './demo-until.ts'

const NAME = 'rehearsal'
const QUESTION = 'Which word is in the file?'
const ANSWER = 'The word in the file is: wire'

/**
 * Asks a rehearsal agent in a private tmux through a real courier, and returns the ms from question to answer. Writes to
 * a temporary directory only and removes it, also after an error and when the signal aborts. Errors: tmux-missing, and
 * whatever failed, in words.
 */
export async function roundTrip(signal: AbortSignal): Promise<number> {
  const stage = setStage({})
  try {
    const agent = await startAgent(stage)
    signal.throwIfAborted()
    return await exchange(stage, agent, signal)
  } finally {
    await clearStage(stage, false)
  }
}

/** Returns the address of an idle agent. Not to be interrupted: what is killed while it starts leaves hooks behind that still write. */
async function startAgent(stage: Stage): Promise<string> {
  const cast = rehearsalCast()
  const { command, startsWithin } = cast
  const directory = path.join(stage.directory, NAME)
  makeDirectory(directory)
  writeNew(path.join(directory, 'file.txt'), `${ANSWER}\n`)
  const [pane = ''] = await stage.panes.open({ command, directory })
  const ready = async () => livingCourier(stage.tree) !== undefined && (await isFree(stage, pane, cast))
  await until('an idle rehearsal agent and its courier', ready, { within: startsWithin })
  return cardIn(stage, pane)?.address ?? NAME
}

async function exchange({ tree, directory }: Stage, peer: string, signal: AbortSignal): Promise<number> {
  const mark = markOf(process.pid) as ProcessMark
  const me = registerPerson(tree, os.userInfo().username, mark, directory)
  const hints = makeHints()
  const watch = watchForWaiter(tree, me.address, hints.poke)
  const milliseconds = rehearsalCast().answersWithin
  const start = performance.now()
  const { id } = ask(tree, me.address, mark, { peer, body: QUESTION })
  try {
    const reply = await awaitReply(tree, me.address, mark, id, { milliseconds, hints, signal })
    signal.throwIfAborted()
    if (reply === undefined) throw new Error(`no answer came within ${milliseconds / 1000} s`)
    if (!reply.body.includes(ANSWER)) throw new Error(`it was answered (${reply.outcome}): ${reply.body}`)
    handOver(tree, me, id, 'shell')
    return Math.round(performance.now() - start)
  } finally {
    await watch.close()
  }
}
