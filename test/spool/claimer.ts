// A program that claims every message of a mailbox that it can, over and over until the mailbox is empty, and prints
// the names that it won. It begins when its standard input ends, so that several can begin together.

import { writeSync } from 'node:fs'
import { claim } from '../../src/spool/moves.ts'
import { readInput } from '../../src/spool/program.ts'
import { scan } from '../../src/spool/scan.ts'
import { openTree } from '../../src/spool/tree.ts'

const tree = openTree(process.env)
const [, , address = ''] = process.argv
const won: string[] = []

writeSync(1, 'ready\n')
readInput()
for (let mail = scan(tree, address, 'new'); mail.length > 0; mail = scan(tree, address, 'new')) {
  for (const { file } of mail) if (claim(tree, address, file)) won.push(file)
}
process.stdout.write(won.map((file) => `${file}\n`).join(''))
