// One of the processes of a load: what it is stands in its first argument. Orders come by stdin and what has happened goes to stdout,
// one JSON object a line each; it ends with its stdin.

import { createInterface } from 'node:readline'
import { openTree } from '../../src/spool/tree.ts'
import { serve } from './clerk.ts'
import type { Line, Order } from './lines.ts'
import { sit } from './sessions.ts'
import { makeWriter } from './writer.ts'

const [, , role = ''] = process.argv
const tree = openTree(process.env)
const say = (line: Line) => void process.stdout.write(`${JSON.stringify(line)}\n`)

const write = role === 'writer' ? makeWriter(tree, say) : () => {}

function obey(order: Order): void {
  if (order.do === 'serve') void serve(tree, order.addresses, say)
  else if (order.do === 'sit') void sit(tree, order.seats, say)
  else write(order)
}

createInterface({ input: process.stdin })
  .on('line', (line) => obey(JSON.parse(line)))
  .on('close', () => process.exit(0))
