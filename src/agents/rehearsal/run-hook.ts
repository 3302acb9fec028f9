import { spawn } from 'node:child_process'
import type { Output, Payload } from './hooks.ts'

/** Runs the hook as a client does, one process with the payload on its standard input, and waits for it. */
export function runHook(hook: string, payload: Payload): Promise<Output> {
  const env = { ...process.env, REPOWIRE_REHEARSAL: String(process.pid) }
  const child = spawn(process.execPath, [hook], { env, stdio: ['pipe', 'pipe', 'ignore'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (printed += part))
  child.stdin.on('error', () => {}) // it ended early: what it printed says so
  child.stdin.end(JSON.stringify(payload))
  return new Promise((resolve) => {
    child.on('error', () => resolve({}))
    child.on('close', () => resolve(parse(printed)))
  })
}

function parse(printed: string): Output {
  try {
    return printed === '' ? {} : (JSON.parse(printed) as Output)
  } catch {
    return {}
  }
}
