// This implementation, as the command that scripts/conformance calls. mailbox-spec §15.1

import { messagePath, parseFileName } from '../../src/protocol/layout.ts'
import { readCard } from '../../src/spool/cards.ts'
import { type Mail, read } from '../../src/spool/scan.ts'
import { existingTree } from '../../src/spool/tree.ts'
import { perform } from '../fixtures/deeds.ts'
import type { Stage } from '../fixtures/filled.ts'

const LISTS = ['prompt', 'prompts', 'result']
const WORDS: Record<string, unknown> = { true: true, false: false }

const [who = '', ...words] = process.argv.slice(2)
const does = words[0]?.includes('=') ? undefined : words.shift()

const { now } = Date
Date.now = () => now() + Number(process.env.MAILBOX_HOURS_LATER ?? 0) * 3_600_000

const tree = existingTree(process.env)
if (tree === undefined) throw new Error('there is no root')
const fields = fieldsOf(words)
if (who === 'reader') console.log(does === 'card' ? lookAtCard() : lookAtMessage())
else process.exitCode = await act()

function fieldsOf(given: string[]): Record<string, unknown> {
  const all: Record<string, unknown> = {}
  for (const word of given) {
    const [, name = '', value = ''] = word.match(/^([a-z]+)=(.*)$/s) ?? []
    if (LISTS.includes(name)) all[name] = [...((all[name] as string[]) ?? []), value]
    else all[name] = WORDS[value] ?? value
  }
  return all
}

function lookAtMessage(): string {
  const { address, file } = fields as { address: string; file: string }
  const found = read(tree as Stage['tree'], address, 'new', {
    ...parseFileName(file),
    file,
  } as Mail)
  if (found === undefined) throw new Error(`${messagePath(address, 'new', file)} is not there`)
  return 'fault' in found ? found.fault : 'valid'
}

function lookAtCard(): string {
  return readCard(tree as Stage['tree'], String(fields.address)) === undefined ? 'invalid' : 'valid'
}

async function act(): Promise<number> {
  const mark: Stage['actors'] =
    fields.process === undefined ? {} : { it: { mark: JSON.parse(String(fields.process)) } }
  const stage: Stage = { dir: '', tree: tree as Stage['tree'], actors: mark, names: new Map() }
  const named = fields.process === undefined ? {} : { process: 'it' }
  const step = { who, ...(does !== undefined && { does }), ...fields, ...named, expect: {}, as: 'made' }
  const got = await perform(stage, step)
  if (got === 'refused') return 1
  for (const line of [...stage.names.values(), ...got]) console.log(line)
  return 0
}
