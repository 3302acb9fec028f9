import { createInterface } from 'node:readline/promises'

/** True where a terminal's user agrees, by Enter or y; where nobody sits there, nobody is asked and the answer is yes. */
export async function agrees(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return true
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('no')))
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  const answer = await Promise.race([terminal.question(`${question} [Y/n] `), closed])
  terminal.close()
  return /^(y|yes)?$/i.test(answer.trim())
}
