// What others use to judge an MCP server, each in one fixed version, in a cache outside the repository: the conformance suite with the
// Node that it needs, and the inspector. 330 MB that one test needs.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { FETCH_MS, fetched } from '../fetched.ts'

const NODE_VERSION = '22.23.3'
const CONFORMANCE_VERSION = '0.1.16'
const INSPECTOR_VERSION = '2.12.0'

export type McpSuite = { node: string; conformance: string; inspector: string }

/** Where the programs are, fetched on first use. Rejects with a one-line reason when they cannot be had. */
export async function mcpSuite(): Promise<McpSuite> {
  const node = `node-${process.platform}-${process.arch}`
  const name = `mcp-suite-${NODE_VERSION}-${CONFORMANCE_VERSION}-${INSPECTOR_VERSION}`
  const home = await fetched(name, 'whole', (into) => install(node, into))
  const modules = join(home, 'node_modules')
  return {
    node: join(modules, node, 'bin', 'node'),
    conformance: join(modules, '.bin', 'conformance'),
    inspector: join(modules, '.bin', 'mcp-inspector'),
  }
}

async function install(node: string, into: string): Promise<void> {
  const packages = [
    `${node}@${NODE_VERSION}`,
    `@modelcontextprotocol/conformance@${CONFORMANCE_VERSION}`,
    `@modelcontextprotocol/inspector@${INSPECTOR_VERSION}`,
  ]
  await writeFile(join(into, 'package.json'), '{"private":true}')
  // No script of a package runs: none of these needs one. The loader of the test runner is none of npm's business.
  await promisify(execFile)('npm', ['install', '--ignore-scripts', '--loglevel=error', ...packages], {
    cwd: into,
    env: { ...process.env, NODE_OPTIONS: '' },
    timeout: FETCH_MS,
  })
  await writeFile(join(into, 'whole'), '')
}
