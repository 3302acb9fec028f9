import { checkSetting, isOwnKey, keyNamed } from '../protocol/config.ts'
import { readFields, writeFields } from '../spool/config.ts'
import { withLock } from '../spool/lock.ts'
import { inState, type Tree } from '../spool/tree.ts'
import { refuseAgent } from './sender.ts'

/**
 * Sets one key in config.json, of the root or of this host, which is replaced as a whole; everything else in it stays. A file that cannot be
 * read as one JSON object is left as it is. Where a key says whose mail is taken, `pid` must have no agent above it. Errors: bad-input,
 * bad-config, agent-may-not, and those of the system.
 */
export async function setKey(tree: Tree, pid: number, name: string, value: unknown): Promise<void> {
  checkSetting(name, value)
  const own = isOwnKey(name)
  if (own) refuseAgent(tree, pid, FOR_USER)
  await change(tree, own, (fields) => ({ ...fields, [name]: value }))
}

/** Takes a key out; also one that is not known, where it is in the file. False where it was not set. Errors: the same. */
export async function unsetKey(tree: Tree, pid: number, name: string): Promise<boolean> {
  let was = false
  const own = isOwnKey(name)
  if (own) refuseAgent(tree, pid, FOR_USER)
  await change(tree, own, ({ ...fields }) => {
    was = Object.hasOwn(fields, name)
    if (!was) keyNamed(name)
    delete fields[name]
    return was ? fields : undefined
  })
  return was
}

const FOR_USER = 'say for its user who may reach whom'

type Fields = Record<string, unknown>

/** Two at once would each write what they have read. */
async function change(tree: Tree, own: boolean, make: (fields: Fields) => Fields | undefined): Promise<void> {
  await withLock(inState(tree, 'config'), async () => {
    const fields = make(readFields(tree, own))
    if (fields !== undefined) writeFields(tree, fields, own)
  })
}
