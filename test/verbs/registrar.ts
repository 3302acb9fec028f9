// A program that registers a process for a directory and prints the address that it got. Without a pid it registers
// itself. It begins when its standard input has a line, so that several can begin together, and lives until that ends.

import { readSync, writeSync } from 'node:fs'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { markOf } from '../../src/spool/process.ts'
import { openTree } from '../../src/spool/tree.ts'
import { register } from '../../src/verbs/register.ts'

const [, , directory = '', pid = String(process.pid)] = process.argv
const tree = openTree(process.env)
const mark = markOf(Number(pid)) as ProcessMark
const line = Buffer.alloc(1)

writeSync(1, 'ready\n')
readSync(0, line)
writeSync(1, `${register(tree, { agent: 'other', directory, process: mark }).address}\n`)
while (readSync(0, line) > 0);
