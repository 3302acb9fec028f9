// A HOME with the real client, an installation of nothing but a hook that notes what it is told and a server with one tool,
// and headless sessions in it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { openTree, type Tree } from '../../src/spool/tree.ts'
import { startModel } from '../real/model.ts'
import { type Home, makeHome } from '../real/sandbox.ts'

export const NO_MODEL = 'http://127.0.0.1:9'
const skip = process.env.NO_REAL_CLIENT ? 'the real client cannot be had' : false

/** Notes what it is told, and what of Node's environment reached it, beside itself. */
const HOOK = `
const { NODE_OPTIONS, NODE_EXTRA_CA_CERTS } = process.env
const line = JSON.stringify({ ...JSON.parse(require('fs').readFileSync(0, 'utf8')), NODE_OPTIONS, NODE_EXTRA_CA_CERTS })
require('fs').appendFileSync(require('path').join(__dirname, 'seen.jsonl'), line + '\\n')`

/** The least MCP server: one tool, ping. */
const SERVER = `
const results = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'toy', version: '1' } }),
  'tools/list': () => ({ tools: [{ name: 'ping', description: 'Says pong.', inputSchema: { type: 'object' } }] }),
  'tools/call': () => ({ content: [{ type: 'text', text: 'pong' }] }),
}
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) return
  const known = results[method]
  const answer = known ? { result: known(params) } : { error: { code: -32601, message: 'unknown method' } }
  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...answer }))
})`

export type Place = {
  home: Home
  tree: Tree
  env: Record<string, string>
  install: { node: string; hook: string; server: string }
  settings: string
  config: string
}

export function test(name: string, act: (t: Test, place: Place) => Promise<void>): void {
  t.test(name, { skip }, async (t) => {
    const home = await makeHome()
    t.teardown(() => home.remove())
    const env = {
      ...home.env(NO_MODEL),
      REPOWIRE_HOME: join(home.dir, 'tree'),
      REPOWIRE_STATE: join(home.dir, 'state'),
    }
    const install = await makeInstall(join(home.dir, `an "install" that's odd`))
    const settings = join(home.dir, '.claude', 'settings.json')
    await act(t, {
      home,
      tree: openTree(env),
      env,
      install,
      settings,
      config: join(home.dir, '.claude.json'),
    })
  })
}

export async function makeInstall(dir: string): Promise<Place['install']> {
  const install = { node: process.execPath, hook: join(dir, 'hook.cjs'), server: join(dir, 'mcp.js') }
  await mkdir(dir, { recursive: true })
  await writeFile(install.hook, HOOK)
  await writeFile(install.server, SERVER)
  return install
}

/** Runs one headless session with this prompt, and returns what its hooks were told. */
export async function ask(
  t: Test,
  place: Place,
  prompt: string,
  tool = 'mcp__repowire__ping',
): Promise<Record<string, unknown>[]> {
  const model = await startModel((turn) => {
    t.ok(turn.tools.includes(tool))
    t.notOk(turn.toolResults.some(({ isError }) => isError))
    if (turn.toolResults.length > 0) return [{ text: 'done' }]
    if (turn.prompt.includes('fail')) return { status: 400, message: 'scripted' }
    const shell = { tool: 'Bash', input: { command: 'echo hello', description: 'hello' } }
    return [turn.prompt.includes('shell') ? shell : { tool, input: {} }]
  })
  const seen = join(dirname(place.install.hook), 'seen.jsonl')
  await rm(seen, { force: true })
  await claude(place, model.url, ['-p', prompt, '--allowedTools', 'Bash'])
  await model.close()
  return (await readFile(seen, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

export async function claude(
  place: Place,
  modelUrl: string,
  args: string[],
): Promise<{ code: number; output: string }> {
  const cwd = join(place.home.dir, 'projects')
  const more = {
    NODE_OPTIONS: '--no-warnings',
    NODE_EXTRA_CA_CERTS: '/no/such',
    CLAUDE_CODE_MAX_RETRIES: '0',
  }
  const env = place.home.env(modelUrl, more)
  const child = spawn(join(place.home.bin, 'claude'), args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [code] = await once(child, 'close')
  return { code, output }
}

export function withoutClient(env: Record<string, string>): Record<string, string> {
  return { ...env, PATH: '/no/such' }
}

export async function script(place: Place, body: string): Promise<string> {
  const file = join(place.home.dir, 'claude-script')
  await writeFile(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return file
}

/** The bytes of both files; of the client's configuration only the servers, for it writes there at every start. */
export async function snapshot({ settings, config }: Place): Promise<string[]> {
  const text = await readFile(config, 'utf8')
  const servers = text.endsWith('}') ? JSON.stringify(JSON.parse(text).mcpServers ?? {}) : text
  return [await readFile(settings, 'latin1'), servers]
}

export async function readJson(file: string) {
  return JSON.parse(await readFile(file, 'utf8'))
}
