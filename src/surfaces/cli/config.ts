import { KEYS, keyNamed } from '../../protocol/config.ts'
import { explain, RepowireError } from '../../protocol/errors.ts'
import { lookConfig, readFields } from '../../spool/config.ts'
import { lookTree, openTree, type Tree } from '../../spool/tree.ts'
import { setKey, unsetKey } from '../../verbs/configure.ts'
import { EXIT } from './exit-codes.ts'
import { say, sayJson, table } from './print.ts'

type ConfigOptions = { unset: boolean; json: boolean }

/** All settings; the value of one, as JSON; or one is set, or taken out. Errors: bad-input, bad-config. */
export async function configCommand([key, value]: string[], { unset, json }: ConfigOptions): Promise<number> {
  if (unset) return await unsetOne(key, value, json)
  if (key === undefined) return showAll(lookTree(process.env), json)
  if (value === undefined) return showOne(lookTree(process.env), key)
  const parsed = asJson(value)
  await setKey(openTree(process.env), process.ppid, key, parsed)
  if (json) sayJson({ key, value: parsed })
  else say(`${key} is ${JSON.stringify(parsed)} from now on.`)
  return EXIT.done
}

async function unsetOne(key: string | undefined, value: string | undefined, json: boolean): Promise<number> {
  if (key === undefined || value !== undefined)
    throw new RepowireError('bad-input', '--unset takes one key.', 'Example: repowire config doors --unset')
  const was = await unsetKey(openTree(process.env), process.ppid, key)
  const counts = Object.hasOwn(KEYS, key) ? `: ${JSON.stringify(keyNamed(key).standard)} counts` : ''
  if (json) sayJson({ key, was_set: was })
  else say(was ? `${key} is no longer in config.json${counts}.` : `${key} was not set${counts}.`)
  return EXIT.done
}

/** A bare word is a text. */
function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function showOne(tree: Tree, key: string): number {
  keyNamed(key)
  const { config, complaints } = lookConfig(tree)
  say(JSON.stringify(config[key as keyof typeof config]))
  return complain(complaints)
}

function showAll(tree: Tree, json: boolean): number {
  const { config, complaints } = lookConfig(tree)
  const set = fieldsOf(tree)
  const rows = Object.entries(KEYS).map(([key, { standard, meaning }]) => {
    return {
      key,
      value: config[key as keyof typeof config],
      default: standard,
      set: set.includes(key),
      meaning,
    }
  })
  if (json) sayJson(rows)
  else say(table([['KEY', 'VALUE', 'DEFAULT', 'SET', 'MEANING'], ...rows.map(cells)]))
  return complain(complaints)
}

type Row = { key: string; value: unknown; default: unknown; set: boolean; meaning: string }

function cells({ key, value, default: standard, set, meaning }: Row): string[] {
  return [key, JSON.stringify(value), JSON.stringify(standard), set ? 'yes' : 'no', meaning]
}

/** The keys in the file; what is wrong with it is said elsewhere. */
function fieldsOf(tree: Tree): string[] {
  try {
    return [...Object.keys(readFields(tree)), ...Object.keys(readFields(tree, true))]
  } catch {
    return []
  }
}

function complain(complaints: RepowireError[]): number {
  for (const wrong of complaints) process.stderr.write(`repowire: ${explain(wrong)}\n`)
  return complaints.length === 0 ? EXIT.done : EXIT.failed
}
