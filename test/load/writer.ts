/** A peer that writes to many others, by the verb that its tools call; beside it, now and then, the bare publish of any safe mail. */

import { mkdirSync } from 'node:fs'
import * as path from 'node:path'
import { publishRaw } from '../../scripts/bench/raw-exchange.ts'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { markOf } from '../../src/spool/process.ts'
import type { Tree } from '../../src/spool/tree.ts'
import { notify } from '../../src/verbs/notify.ts'
import { register } from '../../src/verbs/register.ts'
import { makeDice } from '../dice.ts'
import { now, type Order, type Say } from './lines.ts'

type Write = Extract<Order, { do: 'write' }>

/** One message in so many has a bare one beside it. */
const BARE_EVERY = 10
const PADDING = 'x'.repeat(200)

export function makeWriter(tree: Tree, say: Say): (order: Order) => void {
  const mark = markOf(process.pid) as ProcessMark
  const { address } = register(tree, { agent: 'other', process: mark, directory: process.cwd() })
  for (const name of ['tmp', 'bare']) mkdirSync(path.join(process.cwd(), name))
  let underWay = 0
  let goOn = () => {}
  const write = async ({ count, writer, seed, boxes, sessions, ahead }: Write) => {
    const dice = makeDice(seed)
    for (let n = 0; n < count; n++) {
      while (underWay >= ahead) await new Promise<void>((resolve) => (goOn = resolve))
      const at = Math.floor(dice() * (boxes.length + sessions.length))
      if (at < boxes.length) underWay += 1
      writeOne(tree, address, boxes[at] ?? (sessions[at - boxes.length] as string), writer, say)
      if (n % BARE_EVERY === 0) writeBare(seed, n, say)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  say({ event: 'ready' })
  return (order) => {
    if (order.do === 'write') void write(order)
    if (order.do !== 'go-on') return
    underWay -= order.taken
    goOn()
  }
}

function writeOne(tree: Tree, me: string, to: string, writer: number, say: Say): void {
  const start = now()
  const { id } = notify(tree, me, to, `${writer} ${start} ${PADDING}`)
  say({ event: 'sent', id, ms: now() - start })
}

/** Where a message is published, and on the same disk. */
function writeBare(seed: number, n: number, say: Say): void {
  const start = now()
  publishRaw(process.cwd(), 'bare', `${seed}-${n}`)
  say({ event: 'bare', ms: now() - start })
}
