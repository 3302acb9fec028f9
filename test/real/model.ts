// A model that says what the test scripted: the little of the Messages API that the client uses, on a port of its own.
// A script that has not resolved is a model that thinks, and a block with `until` is one that stalls in mid-sentence.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Block = ({ text: string } | { thinking: string } | { tool: string; input?: object }) & {
  /** Streamed at once, but not finished before this settles. The client shows streamed text line by line: end it with \n. */
  until?: Promise<unknown>
}

interface ApiError {
  status: number
  type?: string
  message: string
}

export type Reply = Block[] | ApiError

interface ToolResult {
  toolUseId: string
  text: string
  isError: boolean
}

export interface Turn {
  request: Request
  sessionId: string
  /** Every text block of the last user message, joined by newlines. */
  lastUserText: string
  /** The last of these blocks alone: what was typed, without the reminders that the client puts before it. */
  prompt: string
  /** The tool results of the last user message. After an interrupted call the next prompt comes in the same message as its result. */
  toolResults: ToolResult[]
  /** The names of the tools that the model was offered. */
  tools: string[]
  /** Aborted when the client hangs up, as it does on Esc. */
  hungUp: AbortSignal
}

export type Script = (turn: Turn) => Reply | Promise<Reply>

interface LoggedRequest {
  at: number
  path: string
  sessionId: string
  /** A request of the client's own (a title, a safety check), which the script never saw. */
  side: boolean
  lastUserText: string
  toolResults: ToolResult[]
  request: Request
}

export interface Model {
  url: string
  requests: LoggedRequest[]
  /** What the script itself threw; the client was told so with a 400. */
  failures: unknown[]
  close(): Promise<void>
}

interface Request {
  model: string
  stream?: boolean
  system?: unknown
  messages: Message[]
  tools?: { name: string }[]
  output_config?: { format?: unknown }
}

interface Message {
  role: 'user' | 'assistant' | 'system'
  content: string | Content[]
}

interface Content {
  type: string
  text?: string
  tool_use_id?: string
  is_error?: boolean
  content?: string | Content[]
}

export async function startModel(script: Script): Promise<Model> {
  const requests: LoggedRequest[] = []
  const failures: unknown[] = []
  const server = createServer((incoming, outgoing) => {
    answer(script, incoming, outgoing, requests, failures).catch((error) => {
      failures.push(error)
      outgoing.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${port}`, requests, failures, close }
}

/** A promise that the test opens, to let a thinking model go on. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

async function answer(
  script: Script,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  requests: LoggedRequest[],
  failures: unknown[],
): Promise<void> {
  const path = new URL(incoming.url ?? '/', 'http://model').pathname
  const body = await bodyOf(incoming)
  if (incoming.method !== 'POST') return sendJson(outgoing, 200, {})
  if (path === '/v1/messages/count_tokens')
    return sendJson(outgoing, 200, { input_tokens: Math.ceil(body.length / 4) })
  if (path !== '/v1/messages')
    return sendJson(outgoing, 404, errorBody({ status: 404, message: `no ${path} here` }))
  const turn = readTurn(JSON.parse(body), incoming, outgoing)
  const side = isSideRequest(turn.request)
  requests.push(logged(turn, path, side))
  const reply = side ? sideReply(turn.request) : await scripted(script, turn, failures)
  if (!turn.hungUp.aborted) await send(outgoing, turn, reply)
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function readTurn(request: Request, incoming: IncomingMessage, outgoing: ServerResponse): Turn {
  const hangUp = new AbortController()
  outgoing.once('close', () => hangUp.abort())
  const content = lastUserContent(request.messages)
  return {
    request,
    sessionId: String(incoming.headers['x-claude-code-session-id'] ?? ''),
    lastUserText: textOf(content),
    prompt: textOf(content.filter(isText).slice(-1)),
    toolResults: content.filter(({ type }) => type === 'tool_result').map(toolResult),
    tools: (request.tools ?? []).map(({ name }) => name),
    hungUp: hangUp.signal,
  }
}

/** What the last user message holds. The client may put a hook's words behind the model's own, in the role `system`: then those. */
function lastUserContent(messages: Message[]): Content[] {
  const since = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1)
  const user = messages.findLast(({ role }) => role === 'user')
  const hookSpeaks = since.length > 0 && since.every(({ role }) => role === 'system')
  return hookSpeaks ? since.flatMap(({ content }) => contentOf(content)) : contentOf(user?.content)
}

function contentOf(content: string | Content[] | undefined): Content[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? [])
}

function textOf(content: Content[]): string {
  return content
    .filter(isText)
    .map(({ text }) => text)
    .join('\n')
}

function isText({ type }: Content): boolean {
  return type === 'text'
}

function toolResult({ tool_use_id = '', content, is_error = false }: Content): ToolResult {
  return { toolUseId: tool_use_id, text: textOf(contentOf(content)), isError: is_error }
}

// A turn of the conversation always offers tools; what the client asks for itself (titles, summaries, safety checks) does not.
function isSideRequest({ tools, output_config }: Request): boolean {
  return !tools?.length || output_config?.format !== undefined
}

function sideReply({ output_config }: Request): Block[] {
  return [{ text: output_config?.format ? '{"title":"side"}' : 'side' }]
}

function logged(
  { request, sessionId, lastUserText, toolResults }: Turn,
  path: string,
  side: boolean,
): LoggedRequest {
  return { at: Date.now(), path, sessionId, side, lastUserText, toolResults, request }
}

// A 5xx would be retried in silence for minutes; a 400 shows the test's own mistake on the screen.
async function scripted(script: Script, turn: Turn, failures: unknown[]): Promise<Reply> {
  try {
    return await script(turn)
  } catch (error) {
    failures.push(error)
    return { status: 400, message: `the script failed: ${error}` }
  }
}

async function send(outgoing: ServerResponse, turn: Turn, reply: Reply): Promise<void> {
  if (!Array.isArray(reply)) return sendJson(outgoing, reply.status, errorBody(reply))
  if (turn.request.stream) return stream(outgoing, turn, reply)
  for (const { until } of reply) await settledOrHungUp(until, turn.hungUp)
  sendJson(outgoing, 200, { ...envelope(turn.request), content: reply.map(wholeBlock), ...ending(reply) })
}

function sendJson(outgoing: ServerResponse, status: number, body: object): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' })
  outgoing.end(JSON.stringify(body))
}

function errorBody({ status, type, message }: ApiError): object {
  return {
    type: 'error',
    error: { type: type ?? (status < 500 ? 'invalid_request_error' : 'api_error'), message },
  }
}

let ids = 0
function nextId(prefix: string): string {
  ids += 1
  return `${prefix}_${String(ids).padStart(20, '0')}`
}

function envelope({ model }: Request) {
  const usage = {
    input_tokens: 10,
    output_tokens: 1,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  }
  return { id: nextId('msg'), type: 'message', role: 'assistant', model, stop_sequence: null, usage }
}

function ending(blocks: Block[]) {
  return { stop_reason: blocks.some((block) => 'tool' in block) ? 'tool_use' : 'end_turn' }
}

function wholeBlock(block: Block): object {
  if ('text' in block) return { type: 'text', text: block.text }
  if ('thinking' in block) return { type: 'thinking', thinking: block.thinking, signature: 'scripted' }
  return { type: 'tool_use', id: nextId('toolu'), name: block.tool, input: block.input ?? {} }
}

async function stream(outgoing: ServerResponse, { request, hungUp }: Turn, blocks: Block[]): Promise<void> {
  const event = (data: { type: string; [field: string]: unknown }) =>
    outgoing.write(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`)
  outgoing.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  event({ type: 'message_start', message: { ...envelope(request), content: [], stop_reason: null } })
  for (const [index, block] of blocks.entries()) {
    event({ type: 'content_block_start', index, content_block: emptyBlock(block) })
    for (const delta of deltas(block)) event({ type: 'content_block_delta', index, delta })
    await settledOrHungUp(block.until, hungUp)
    event({ type: 'content_block_stop', index })
  }
  event({
    type: 'message_delta',
    delta: { ...ending(blocks), stop_sequence: null },
    usage: { output_tokens: 5 },
  })
  event({ type: 'message_stop' })
  outgoing.end()
}

function emptyBlock(block: Block): object {
  if ('text' in block) return { type: 'text', text: '' }
  if ('thinking' in block) return { type: 'thinking', thinking: '', signature: '' }
  return { ...wholeBlock(block), input: {} }
}

function deltas(block: Block): object[] {
  if ('text' in block) return [{ type: 'text_delta', text: block.text }]
  if ('tool' in block) return [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input ?? {}) }]
  return [
    { type: 'thinking_delta', thinking: block.thinking },
    { type: 'signature_delta', signature: 'scripted' },
  ]
}

async function settledOrHungUp(until: Promise<unknown> | undefined, hungUp: AbortSignal): Promise<void> {
  if (!until || hungUp.aborted) return
  await Promise.race([until.catch(() => {}), once(hungUp, 'abort')])
}
