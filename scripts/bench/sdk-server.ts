// The floor of an MCP server: the SDK, zod and eight tools that do nothing.

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { z } from 'zod'

const server = new McpServer({ name: 'floor', version: '0' })
for (let n = 1; n <= 8; n++) {
  const inputSchema = z.object({ text: z.string().describe('a text') }).shape
  server.registerTool(`tool_${n}`, { description: 'Does nothing.', inputSchema }, async ({ text }) => ({
    content: [{ type: 'text', text }],
  }))
}
process.stdin.on('end', () => process.exit(0))
await server.connect(new StdioServerTransport())
