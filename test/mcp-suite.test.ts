// Our server before the judges of others: the conformance suite of MCP, and the MCP inspector.

import { join } from 'node:path'
import t, { type Test } from 'tap'
import { stopCourier } from './mcp/client.ts'
import { type McpSuite, mcpSuite } from './mcp/suite.ts'
import { makeEnv, plainEnv, ROOT, type Run, run, start, until } from './world.ts'

t.setTimeout(120_000)
const skip = process.env.NO_MCP_SUITE ? 'the MCP conformance suite cannot be had' : false
const SERVER = [process.execPath, join(ROOT, 'dist', 'mcp.js')]
const BASELINE = join(ROOT, 'test/mcp/expected-failures.yml')

// The suite waits for nothing that needs a courier, and the inspector's call starts one.
async function judge(t: Test, words: (suite: McpSuite) => string[]): Promise<Run> {
  const { dir, env } = makeEnv(t)
  stopCourier(t, env)
  return await run(t, words(await mcpSuite()), { env: plainEnv({ ...env, HOME: dir }), cwd: dir })
}

t.test('the conformance suite finds what the server has as it should be', { skip }, async (t) => {
  const { dir, env } = makeEnv(t)
  stopCourier(t, env)
  const { node, conformance } = await mcpSuite()
  const bridge = [process.execPath, join(ROOT, 'test/mcp/http-bridge.mjs'), ...SERVER]
  const child = start(t, bridge, { env: plainEnv(env), cwd: dir })
  let port = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (port += part))
  await until(() => port.endsWith('\n'))
  const url = `http://127.0.0.1:${port.trim()}/mcp`
  const words = [node, conformance, 'server', '--url', url, '--expected-failures', BASELINE]
  const { code, stdout } = await run(t, words, { env: plainEnv({ HOME: dir }), cwd: dir })
  t.match({ code, stdout }, { code: 0, stdout: 'Baseline check passed' })
  for (const scenario of ['server-initialize', 'ping', 'tools-list', 'tools-call-error'])
    t.ok(stdout.includes(`✓ ${scenario}: 1 passed, 0 failed`), scenario)
})

t.test('the inspector finds no schema of a tool that a client may not understand', { skip }, async (t) => {
  const list = ['--method', 'tools/list', '--strict']
  const { code, stdout, stderr } = await judge(t, ({ inspector }) => [inspector, '--cli', ...SERVER, ...list])
  t.match({ code, stderr }, { code: 0 })
  t.equal(JSON.parse(stdout).tools.length, 8)
})

t.test('the inspector calls a tool', { skip }, async (t) => {
  const call = ['--method', 'tools/call', '--tool-name', 'whoami']
  const { code, stdout, stderr } = await judge(t, ({ inspector }) => [inspector, '--cli', ...SERVER, ...call])
  t.match({ code, stderr }, { code: 0 })
  t.match(JSON.parse(stdout).content[0].text, 'You are repowire-test-')
})

t.test('the inspector gets an error of a tool as its result', { skip }, async (t) => {
  const call = [
    '--method',
    'tools/call',
    '--tool-name',
    'ask_peer',
    '--tool-arg',
    'peer=nobody',
    'question=x',
  ]
  const { code, stdout } = await judge(t, ({ inspector }) => [inspector, '--cli', ...SERVER, ...call])
  t.equal(code, 5, 'its code for a tool that says it failed')
  t.match(JSON.parse(stdout), { isError: true, content: [{ text: /\[peer-unknown\]/ }] })
})
