import { parseAddress } from '../../protocol/address.ts'
import { listAddresses } from '../../spool/cards.ts'
import { lookTree } from '../../spool/tree.ts'
import { say } from './print.ts'

/** Every name that leads to a peer, one a line; with its host only where the name alone means another. Opens no card. */
export function namesCommand(): number {
  const tree = lookTree(process.env)
  const names = shortest(listAddresses(tree), tree.host)
  if (names.length > 0) say(names.join('\n'))
  return 0
}

function shortest(addresses: string[], host: string): string[] {
  const parts = addresses.map((address) => parseAddress(address) ?? { name: address, host: '' })
  return parts.map((it) => {
    const alike = parts.filter(({ name }) => name === it.name)
    return it.host === host || alike.length === 1 ? it.name : `${it.name}@${it.host}`
  })
}
