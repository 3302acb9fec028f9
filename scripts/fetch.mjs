// Fetches what the tests drive and the project does not depend on, or says in one line why it cannot be had and exits 1:
// node scripts/fetch.mjs client|suite

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const KNOWN = {
  client: { what: 'the real client', file: 'test/real/client.ts', act: 'clientBinary' },
  suite: { what: 'the MCP conformance suite', file: 'test/mcp/suite.ts', act: 'mcpSuite' },
}
const { what, file, act } = KNOWN[process.argv[2]]

const dir = mkdtempSync(join(tmpdir(), 'rw-fetch-'))
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
try {
  const bundle = await rolldown({ input: file, platform: 'node', tsconfig: false })
  await bundle.write({ file: join(dir, 'fetch.mjs'), format: 'esm' })
  await (await import(pathToFileURL(join(dir, 'fetch.mjs')).href))[act]()
} catch (error) {
  console.error(`${what} cannot be had: ${error.message}`)
  process.exitCode = 1
}
