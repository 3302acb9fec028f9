// This implementation before the runner of the vectors: `npm run conformance -- [--only <expression>]`.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const dir = mkdtempSync(join(tmpdir(), 'rw-own-'))
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
const file = join(dir, 'own.mjs')
const bundle = await rolldown({
  input: 'test/conformance/own.ts',
  platform: 'node',
  tsconfig: false,
  logLevel: 'silent',
})
await bundle.write({ file, format: 'esm', codeSplitting: false, minify: true })
const words = ['scripts/conformance', ...process.argv.slice(2), process.execPath, file]
process.exitCode = spawnSync('sh', words, { stdio: 'inherit' }).status ?? 1
