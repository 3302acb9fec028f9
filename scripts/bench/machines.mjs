// Between machines: over two real nodes of Syncthing, over a real sshfs, and with many hosts in one tree.

import { scale } from './machines-scale.mjs'
import { sshfs } from './machines-sshfs.mjs'
import { syncthing } from './machines-syncthing.mjs'

const PARTS = { syncthing, sshfs, scale }

/** One that cannot be measured takes no other with it. */
export async function machines(workshop) {
  const lines = []
  for (const [name, part] of Object.entries(PARTS)) {
    workshop.say(`machines: ${name}`)
    lines.push(
      ...(await part(workshop).catch((error) => {
        workshop.say(error.stack)
        return [{ what: name, failed: true, notes: [`not measured: ${error.message.split('\n')[0]}`] }]
      })),
    )
  }
  return lines
}
