/** Two hosts with a replica each, kept the same by two real Syncthing nodes, and a courier each. */

import { join } from 'node:path'
import type { Test } from 'tap'
import { runCourier } from '../../src/courier/run.ts'
import { writeShare } from '../../src/spool/share.ts'
import { makeDir, type World } from '../world.ts'
import { type Node, type Sharing, settled, share, startNode } from './syncthing.ts'
import { allowEachOther, worldOf } from './two-hosts.ts'

export type Synced = { worlds: World[]; nodes: Node[] }

/**
 * `nudged`: the couriers know the key of their node. `chain`: each node knows only those beside it. Everything is ended and removed
 * with the test.
 */
export async function makeSynced(
  t: Test,
  labels: string[],
  sharing: Sharing & { nudged?: boolean; chain?: boolean } = {},
): Promise<Synced> {
  const dir = makeDir(t)
  const nodes = await Promise.all(
    labels.map((label) => startNode(join(dir, `${label}-syncthing`), join(dir, label, 'root'))),
  )
  t.teardown(async () => void (await Promise.all(nodes.map((node) => node.stop()))))
  const worlds = labels.map((label) => worldOf(join(dir, label), label))
  await share(nodes, sharing, sharing.chain ? chained(nodes) : undefined)
  allowEachOther(worlds)
  await settled(nodes)
  for (const [at, { tree }] of worlds.entries()) {
    const { api, key, folder } = nodes[at] as Node
    if (sharing.nudged) writeShare(tree, { kind: 'syncthing', api, key, folder, prefix: '' })
  }
  return { worlds, nodes }
}

function chained(nodes: Node[]): Map<Node, Node[]> {
  const beside = (at: number) => [nodes[at - 1], nodes[at + 1]].filter((node) => node !== undefined)
  return new Map(nodes.map((node, at) => [node, beside(at)]))
}

/** A courier of this process for each host, until the test ends. */
export function startCouriers(t: Test, worlds: World[]): void {
  const stop = new AbortController()
  const ended = worlds.map(({ tree }) => runCourier(tree, stop.signal, { stay: true, by: 'test' }))
  t.teardown(async () => {
    stop.abort('the test is over')
    await Promise.all(ended)
  })
}
