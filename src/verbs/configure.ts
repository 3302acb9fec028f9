import { checkSetting, keyNamed } from '../protocol/config.ts'
import { readFields, writeFields } from '../spool/config.ts'
import { withLock } from '../spool/lock.ts'
import { inState, type Tree } from '../spool/tree.ts'

/**
 * Sets one key in config.json, which is replaced as a whole; everything else in it stays. A file that cannot be read as
 * one JSON object is left as it is. Errors: bad-input, bad-config, and those of the system.
 */
export async function setKey(tree: Tree, name: string, value: unknown): Promise<void> {
  checkSetting(name, value)
  await change(tree, (fields) => ({ ...fields, [name]: value }))
}

/** Takes a key out; also one that is not known, where it is in the file. False where it was not set. Errors: the same. */
export async function unsetKey(tree: Tree, name: string): Promise<boolean> {
  let was = false
  await change(tree, ({ ...fields }) => {
    was = Object.hasOwn(fields, name)
    if (!was) keyNamed(name)
    delete fields[name]
    return was ? fields : undefined
  })
  return was
}

type Fields = Record<string, unknown>

/** Two at once would each write what they have read. */
async function change(tree: Tree, make: (fields: Fields) => Fields | undefined): Promise<void> {
  await withLock(inState(tree, 'config'), async () => {
    const fields = make(readFields(tree))
    if (fields !== undefined) writeFields(tree, fields)
  })
}
