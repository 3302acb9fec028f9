/** The real MCP server as the child of a rehearsal agent, spoken to with the SDK's client, as a real client does. */

import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'

export type Result = { text: string; failed: boolean }

export type Server = {
  call(tool: string, args: Record<string, unknown>, signal: AbortSignal): Promise<Result>
  close(): Promise<void>
}

// The server bounds its own waiting; this is only longer than that.
const LONGEST_CALL_MS = 3_600_000

/** Starts `node <server>` in `cwd`, with this process's environment, and shakes hands with it. */
export async function startServer(server: string, cwd: string): Promise<Server> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [server],
    env,
    cwd,
    stderr: 'ignore',
  })
  const client = new Client({ name: 'rehearsal', version: '1' })
  await client.connect(transport)
  return {
    call: async (name, args, signal) =>
      resultOf(
        await client.callTool({ name, arguments: args }, undefined, { signal, timeout: LONGEST_CALL_MS }),
      ),
    close: () => client.close(),
  }
}

function resultOf({ content, isError }: Record<string, unknown>): Result {
  const blocks = Array.isArray(content) ? (content as { text?: string }[]) : []
  return { text: blocks.flatMap(({ text }) => text ?? []).join('\n'), failed: isError === true }
}
