/** Clients of the built server: a process with the SDK's own client, and a test that speaks to the server by hand. */

import { type ChildProcess, execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { plainEnv, ROOT, start, until, type World } from '../world.ts'
import type { Order, Said } from './peer.ts'

const SERVER = join(ROOT, 'dist', 'mcp.js')

export function stopCourier(t: Test, env: Record<string, string>): void {
  t.teardown(() => {
    execFileSync(process.execPath, [join(ROOT, 'dist', 'repowire.js'), 'daemon', 'stop'], {
      env: plainEnv(env),
    })
  })
}

export type Peer = {
  pid: number
  instructions: string
  tools(): Promise<{ name: string; [more: string]: unknown }[]>
  /** The text of a tool's result; `error` for one that says it failed. */
  call(name: string, args?: Record<string, unknown>): Promise<string>
  begin(name: string, args?: Record<string, unknown>): { said: Said[]; end: Promise<Said>; cancel(): void }
}

/** Starts a client whose working directory is called `name`, with so many servers. */
export async function startPeer(
  t: Test,
  program: string,
  { dir, env }: Pick<World, 'dir' | 'env'>,
  name: string,
  servers = 1,
): Promise<Peer> {
  const cwd = join(dir, 'src', name)
  mkdirSync(join(cwd, '.git'), { recursive: true })
  const child = start(t, [process.execPath, program, SERVER, String(servers)], { env: plainEnv(env), cwd })
  const said: Said[] = []
  createInterface(child.stdout as NodeJS.ReadableStream).on('line', (line) =>
    said.push(JSON.parse(line) as Said),
  )
  const order = (it: Order) => child.stdin?.write(`${JSON.stringify(it)}\n`)
  let last = 0
  const begin: Peer['begin'] = (call, args = {}) => {
    last += 1
    const n = last
    order({ n, call, args })
    const mine = () => said.filter((it) => it.n === n)
    const over = () => child.exitCode !== null || child.signalCode !== null
    const end = until(
      () => mine().find((it) => it.progress === undefined) ?? (over() ? { n, error: 'it ended' } : undefined),
    )
    return {
      get said() {
        return mine()
      },
      end,
      cancel: () => order({ n, cancel: true }),
    }
  }
  const { ready } = await until(() => said.find((it) => it.ready !== undefined))
  return {
    pid: child.pid as number,
    instructions: ready ?? '',
    begin,
    tools: async () => (await begin('tools/list').end).tools as { name: string }[],
    call: async (name, args) => {
      const { text, isError, error } = await begin(name, args).end
      return isError === true || error !== undefined ? `error: ${text ?? error}` : (text ?? '')
    },
  }
}

export type Server = {
  child: ChildProcess
  tell(method: string, params?: object): number
  ask(method: string, params?: object): Promise<Record<string, unknown>>
}

/** The server, spoken to by hand. */
export function startServer(t: Test, { dir, env }: Pick<World, 'dir' | 'env'>): Server {
  const child = start(t, [process.execPath, SERVER], { env: plainEnv(env), cwd: dir })
  const said: Record<string, unknown>[] = []
  createInterface(child.stdout as NodeJS.ReadableStream).on('line', (line) => said.push(JSON.parse(line)))
  let id = 0
  const tell = (method: string, params: object = {}) => {
    id += 1
    child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    return id
  }
  const ask = (method: string, params?: object) => {
    const mine = tell(method, params)
    return until(() => said.find((it) => it.id === mine))
  }
  return { child, tell, ask }
}

export const HELLO = {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'x', version: '1' },
}
