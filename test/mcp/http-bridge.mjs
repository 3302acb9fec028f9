// Our server over HTTP, for the conformance suite, which speaks nothing else: each HTTP session is one process of the server, and
// messages are handed through as they are. Prints its port when it listens; ends with its stdin.

import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'

const [command, ...args] = process.argv.slice(2)
const sessions = new Map()

const http = createServer(async (request, response) => {
  const known = sessions.get(request.headers['mcp-session-id'])
  const session = known ?? (await open())
  await session.handleRequest(request, response)
})

async function open() {
  const server = new StdioClientTransport({ command, args, env: process.env })
  const session = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, session),
    enableDnsRebindingProtection: true,
    allowedHosts: [`127.0.0.1:${http.address().port}`, `localhost:${http.address().port}`],
  })
  session.onmessage = (message) => void server.send(message)
  server.onmessage = (message) => void session.send(message)
  session.onclose = () => void server.close()
  await server.start()
  await session.start()
  return session
}

http.listen(0, '127.0.0.1', () => console.log(http.address().port))
process.stdin.resume().on('end', () => process.exit(0))
