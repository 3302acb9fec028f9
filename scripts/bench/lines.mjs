// What a program prints, one JSON object a line.

import { createInterface } from 'node:readline'

/** Calls `each` with every object; resolves when the program ends, and rejects when it fails or takes too long. */
export function readLines(child, each, within = 60_000) {
  createInterface({ input: child.stdout }).on('line', (line) => each(JSON.parse(line)))
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGTERM')
      reject(new Error(`not done within ${within} ms`))
    }, within)
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      if (code === 0) resolve()
      else reject(new Error(`a program of this row ended with ${code}`))
    })
  })
}
