// Fetches the real client that the tests drive, or says in one line why it cannot be had and exits 1.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const dir = mkdtempSync(join(tmpdir(), 'rw-client-'))
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
try {
  const bundle = await rolldown({ input: 'test/real/client.ts', platform: 'node', tsconfig: false })
  await bundle.write({ file: join(dir, 'client.mjs'), format: 'esm' })
  const { clientBinary } = await import(pathToFileURL(join(dir, 'client.mjs')).href)
  await clientBinary()
} catch (error) {
  console.error(`the real client cannot be had: ${error.message}`)
  process.exitCode = 1
}
