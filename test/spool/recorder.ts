// A program that writes two hundred long lines into the journal.

import { record } from '../../src/spool/journal.ts'
import { openTree } from '../../src/spool/tree.ts'

const [, , name = ''] = process.argv
const tree = openTree(process.env)
for (let n = 0; n < 200; n++) record(tree, 'asked', name, undefined, { n, body: name.repeat(20_000) })
