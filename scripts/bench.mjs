// Measures what this project promises, each beside a floor of the same run: on a busy machine the ratios hold where the
// numbers do not. Prints a table; what it is doing goes to stderr. `--only <row>` (again for more), `--json`.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { archive } from './bench/archive.mjs'
import { courier } from './bench/courier.mjs'
import { exchange } from './bench/exchange.mjs'
import { gates } from './bench/gates.mjs'
import { gc } from './bench/gc.mjs'
import { hook } from './bench/hook.mjs'
import { journal } from './bench/journal.mjs'
import { list } from './bench/list.mjs'
import { machine } from './bench/machine.mjs'
import { machines } from './bench/machines.mjs'
import { memory } from './bench/memory.mjs'
import { start } from './bench/start.mjs'
import { table } from './bench/table.mjs'
import { openWorkshop } from './bench/workshop.mjs'

const ROWS = { exchange, hook, start, gates, memory, courier, list, archive, journal, gc, machines }

/** Node 20 reads the certificates of NODE_EXTRA_CA_CERTS at every start, which trebles it: no ratio survives that. */
const UNWANTED =
  /^(NODE_EXTRA_CA_CERTS|NODE_OPTIONS|TMUX|TMUX_PANE|(CLAUDE|ANTHROPIC).*|REPOWIRE_(HOME|STATE))$/

const unwanted = Object.keys(process.env).filter((name) => UNWANTED.test(name))
if (unwanted.length > 0) runWithout(unwanted)
else await main(readOptions())

function runWithout(names) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.includes(name)))
  const me = [fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  const child = spawn(process.execPath, me, { env, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('close', (code) => process.exit(code ?? 1))
}

function readOptions() {
  const options = { only: { type: 'string', multiple: true }, json: { type: 'boolean' } }
  try {
    const { values } = parseArgs({ options })
    const unknown = values.only?.find((name) => !(name in ROWS))
    if (unknown !== undefined) throw new Error(`no row "${unknown}"`)
    return { json: values.json ?? false, names: values.only ?? Object.keys(ROWS) }
  } catch (error) {
    console.error(`bench: ${error.message}. Usage: bench [--json] [--only ${Object.keys(ROWS).join('|')}]`)
    process.exit(2)
  }
}

async function main({ json, names }) {
  const workshop = await openWorkshop()
  const lines = []
  for (const name of names) lines.push(...(await measure(name, workshop)))
  const report = { ...machine(workshop.dir), rows: lines }
  console.log(json ? JSON.stringify(report, null, 2) : table(report))
  await workshop.close()
  process.exitCode = lines.some(({ failed }) => failed) ? 1 : 0
}

/** The lines of one row; one that cannot be measured takes no other with it. */
async function measure(name, workshop) {
  workshop.say(name)
  try {
    return (await ROWS[name](workshop)).map((line) => ({ row: name, ...line }))
  } catch (error) {
    workshop.say(error.stack)
    return [{ row: name, what: name, failed: true, notes: [`not measured: ${error.message.split('\n')[0]}`] }]
  }
}
