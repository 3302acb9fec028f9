// `npm run picture`: docs/panes.svg from two real sessions, and the captures that its test draws again.

import { mkdirSync, writeFileSync } from 'node:fs'
import { homedir, hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Office } from '../office.ts'
import { play } from './scene.ts'
import { COLUMNS, type Pane, SAYS, svgOf } from './svg.ts'

const CAPTURE = 'test/real/picture/panes.json'

let office: Office | undefined
process.once('SIGINT', () => void office?.close().finally(() => process.exit(130)))

/** Of the machine that made the picture nothing is in it. */
function mustNotTell(svg: string): void {
  const places = [office?.home.dir, homedir(), tmpdir(), `@${hostname()}`]
  const told = places.find((text) => text !== undefined && svg.includes(text))
  if (told !== undefined) throw new Error(`the picture shows "${told}"`)
}

function keep(panes: Pane[]): void {
  const svg = svgOf(panes, COLUMNS, SAYS)
  mustNotTell(svg)
  mkdirSync('docs', { recursive: true })
  writeFileSync(join('docs', 'panes.svg'), svg)
  writeFileSync(CAPTURE, `${JSON.stringify(panes, null, 2)}\n`)
  console.log(`docs/panes.svg, ${svg.length} bytes`)
}

try {
  keep(await play((it) => (office = it)))
} catch (error) {
  console.error(error instanceof Error ? error.stack : error)
  process.exitCode = 1
} finally {
  await office?.close()
}
