// A coding agent without a model: a client of the MCP server, driven by lines of JSON on its standard input. Being a
// process of its own makes it a peer of its own. Arguments: the server's bundle, and how many servers it starts.

import { createInterface } from 'node:readline'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'

/** What it is told: call a tool, list the tools, or give a call up. */
export type Order = { n: number; call: string; args?: Record<string, unknown> } | { n: number; cancel: true }

/** What it says: that it is connected, that a call goes on, or how it ended. */
export type Said = {
  n: number
  ready?: string
  progress?: unknown
  text?: string
  isError?: boolean
  error?: string
  tools?: unknown
}

const [, , bundle = '', count = '1'] = process.argv
const env = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)
const say = (said: Said) => process.stdout.write(`${JSON.stringify(said)}\n`)

async function connect(): Promise<Client> {
  const client = new Client({ name: 'rehearsed', version: '1' })
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [bundle], env, cwd: process.cwd() }),
  )
  return client
}

const clients = await Promise.all(Array.from({ length: Number(count) }, connect))
const client = clients[0] as Client
const calls = new Map<number, AbortController>()

async function obey(order: Order): Promise<void> {
  const { n } = order
  if ('cancel' in order) return calls.get(n)?.abort()
  const abort = new AbortController()
  calls.set(n, abort)
  try {
    if (order.call === 'tools/list') return void say({ n, tools: (await client.listTools()).tools })
    const options = {
      signal: abort.signal,
      timeout: 60_000,
      onprogress: (progress: unknown) => void say({ n, progress }),
    }
    const result = await client.callTool(
      { name: order.call, arguments: order.args ?? {} },
      undefined,
      options,
    )
    const [block] = result.content as { text: string }[]
    say({ n, text: block?.text ?? '', isError: result.isError === true })
  } catch (error) {
    say({ n, error: String(error) })
  }
}

say({ n: 0, ready: client.getInstructions() ?? '' })
for await (const line of createInterface(process.stdin)) void obey(JSON.parse(line) as Order)
process.exit(0)
