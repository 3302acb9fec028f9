import { join } from 'node:path'
import { linkOnce } from '../../../src/spool/disk.ts'
import * as moves from '../../../src/spool/moves.ts'
import { publish } from '../../../src/spool/publish.ts'
import { inRoot, type Tree } from '../../../src/spool/tree.ts'
import { type Acts, mailOf, type Scene } from './town.ts'

const by = (move: (tree: Tree, address: string, file: string) => boolean) => {
  return ({ tree, message }: Scene) => move(tree, message.to, mailOf(message).file)
}

export const moving = {
  publish: ({ tree, message }) => publish(tree, message),
  'link a name that is taken': ({ tree, message, dir }) =>
    linkOnce(
      join(dir, 'root/tmp/laptop/other'),
      inRoot(tree, `inbox/${message.to}/new/${mailOf(message).file}`),
    ),
  claim: by(moves.claim),
  'give a query': by(moves.giveQuery),
  'give an unclaimed query': by(moves.giveQueryUnclaimed),
  finish: by(moves.finish),
  'finish what is unclaimed': by(moves.finishUnclaimed),
  'put back': by(moves.putBack),
  'close a query': by(moves.closeQuery),
  bury: by((tree, address, file) => moves.bury(tree, address, file, 'open')),
} satisfies Acts
