// What one more idle session costs: the private memory of its MCP server, which shares the rest with every other node.

import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { startCourier } from './courier.mjs'
import { median, shown, spread } from './numbers.mjs'

const RUNS = 5
const SETTLE_MS = 1_500
const AIM = 1.25

export async function memory(workshop) {
  if (!existsSync('/proc/self/smaps_rollup'))
    return [{ what: 'idle MCP server', notes: ['not measured: this system has no smaps_rollup'] }]
  const home = workshop.home('memory')
  // The server starts a courier where none runs; this one is ours to end.
  const courier = await startCourier(workshop, home)
  const sdk = await workshop.bundle(import.meta.resolve('./sdk-server.ts'))
  const servers = { own: workshop.dist('mcp.js'), sdk, node: undefined }
  const private_ = { own: [], sdk: [], node: [] }
  for (let run = 0; run < RUNS; run++) {
    const children = Object.entries(servers).map(([name, file]) => [name, launch(workshop, home, file)])
    for (const [name, child] of children) if (servers[name] !== undefined) await introduce(child)
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    for (const [name, child] of children) private_[name].push(privateMiB(child.pid))
    for (const [, child] of children) child.stdin.end()
  }
  courier.kill('SIGTERM')
  return [lineOf(private_)]
}

function launch(workshop, { env, dir }, file) {
  const program = file === undefined ? ['-e', 'process.stdin.resume()'] : [file]
  return workshop.start([process.execPath, ...program], { env, cwd: dir })
}

function lineOf({ own, sdk, node }) {
  const ratio = median(own) / median(sdk)
  return {
    what: 'idle MCP server, private memory',
    n: own.length,
    ...spread(own),
    unit: 'MiB',
    floor: { what: 'the SDK alone, 8 tools', p50: median(sdk) },
    over: `${shown(ratio)} ×`,
    ratio,
    aim: `≤ ${AIM} ×`,
    met: ratio <= AIM,
    notes: [`bare node: ${shown(median(node))} MiB`],
  }
}

/** initialize, then tools/list: what every client does with a server that is not used yet. */
async function introduce(child) {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const clientInfo = { name: 'bench', version: '0' }
  send({
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo },
  })
  await lines.next()
  send({ method: 'notifications/initialized' })
  send({ id: 2, method: 'tools/list' })
  const { value } = await lines.next()
  const { tools } = JSON.parse(value).result
  if (tools.length !== 8) throw new Error(`it lists ${tools.length} tools, and the floor has 8`)
}

function privateMiB(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kilobytes = [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)].map(([, size]) =>
    Number(size),
  )
  return kilobytes.reduce((sum, size) => sum + size) / 1024
}
