/** The vectors of messages/ and cards/: what a reader says of each where it lies under its own name. */

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hostOf } from '../../src/protocol/address.ts'
import { messagePath } from '../../src/protocol/layout.ts'
import { makeMailbox } from '../../src/spool/publish.ts'
import { vectorsIn } from '../protocol/fixtures.ts'
import { HOST_ID, makeWorld } from '../world.ts'
import { call } from './calling.ts'
import { makeEnds } from './ends.ts'

type Case = { name: string; run(): Promise<string | undefined> }

export function messageCases(command: string[]): Case[] {
  const faults = vectorsIn('messages/invalid').flatMap(({ file: code }) =>
    vectorsIn(`messages/invalid/${code}`).map((it) => ({ ...it, code, name: `messages/invalid/${code}` })),
  )
  const valid = vectorsIn('messages/valid').map((it) => ({ ...it, code: 'valid', name: 'messages/valid' }))
  return [...valid, ...faults].map(({ file, path, code, name }) => ({
    name: `${name}/${file}`,
    run: () => {
      const { from, to } = code === 'valid' ? JSON.parse(readFileSync(path, 'utf8')) : LAPTOP
      const words = ['reader', 'message', `address=${to}`, `file=${file}`]
      return read(command, hostOf(from), messagePath(to, 'new', file), path, words, code)
    },
  }))
}

const LAPTOP = { from: 'x@laptop', to: 'backend@laptop' }

export function cardCases(command: string[]): Case[] {
  return ['valid', 'invalid'].flatMap((verdict) =>
    vectorsIn(`cards/${verdict}`).map(({ file, path }) => {
      const words = ['reader', 'card', `address=${file.replace(/\.json$/, '')}`]
      return {
        name: `cards/${verdict}/${file}`,
        run: () => read(command, 'laptop', `peers/${file}`, path, words, verdict),
      }
    }),
  )
}

async function read(
  command: string[],
  host: string,
  place: string,
  vector: string,
  words: string[],
  wanted: string,
): Promise<string | undefined> {
  const ends = makeEnds()
  try {
    const { tree } = makeWorld(ends)
    beHost(tree.root, tree.state, host)
    const to = join(tree.root, place)
    if (place.startsWith('inbox/')) makeMailbox(tree, place.split('/')[1] as string)
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
    cpSync(vector, to, { recursive: true })
    const got = await call(command, words, tree)
    if (got === undefined) return 'passed over'
    return got[0] === wanted && got.length === 1 ? undefined : `found ${got}, wanted ${wanted}`
  } finally {
    await ends.close()
  }
}

/** Of a host that is alone in its root: else signatures would count. */
function beHost(root: string, state: string, label: string): void {
  if (label === 'laptop') return
  rmSync(join(root, 'hosts'), { recursive: true })
  writeFileSync(join(state, 'host.json'), JSON.stringify({ label, host_id: HOST_ID }), { mode: 0o600 })
}
