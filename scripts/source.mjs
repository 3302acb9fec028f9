/** Runs a TypeScript program of the tests with this script's arguments, and ends as it ends. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export function runSource(file, from) {
  const [hooks, main] = ['../test/typescript.mjs', file].map((path) => fileURLToPath(new URL(path, from)))
  const { NODE_OPTIONS, NODE_EXTRA_CA_CERTS, ...env } = process.env
  const args = [`--import=${hooks}`, main, ...process.argv.slice(2)]
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit', env }).status ?? 1
}
