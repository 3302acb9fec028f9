import { createInterface } from 'node:readline/promises'
import { RepowireError } from '../../protocol/errors.ts'
import { sayAgo } from '../../protocol/seen.ts'
import { allowedWithKey, fingerprintOf, listAllowed, readAllowed } from '../../spool/allowed.ts'
import { ownPublicKey } from '../../spool/signing.ts'
import { openTree, type Tree } from '../../spool/tree.ts'
import { allowHost, denyHost, introductionOf } from '../../verbs/allow-host.ts'
import { describeHosts, type HostView } from '../../verbs/describe-hosts.ts'
import { saysKnownKey } from './not-allowed.ts'
import { say, sayJson, table } from './print.ts'

type Given = { key?: string; yes: boolean; json: boolean }

/** This host with its key, and those whose mail is taken; or one of them is allowed or denied. mailbox-spec §11.1 */
export async function hostsCommand(action: string | undefined, host: string, given: Given): Promise<number> {
  const tree = openTree(process.env)
  if (action === undefined) return list(tree, given)
  if (action === 'allow') return await allow(tree, host, given)
  if (action === 'deny') return deny(tree, host, given)
  throw new RepowireError('bad-input', `"${action}" is not done with hosts.`, 'Use allow or deny.')
}

function list(tree: Tree, { json }: Given): number {
  const own = { host: tree.host, key: ownPublicKey(tree) }
  const others = describeHosts(tree)
  if (json) sayJson({ own, allowed: listAllowed(tree), others })
  else say(table([[own.host, 'this host', '', '', fingerprintOf(own.key), own.key], ...others.map(row)]))
  return 0
}

function row({ host, state, ago, allowed, changed, formerly, peers, key }: HostView): string[] {
  const seen = state === 'away' ? `away, last seen ${sayAgo(ago ?? 0)}` : state
  const trusted = changed
    ? 'allowed, and has another key now'
    : allowed
      ? 'allowed'
      : `not allowed${saysKnownKey(formerly)}`
  const many = `${peers} ${peers === 1 ? 'peer' : 'peers'}`
  return [host, seen, trusted, many, key === undefined ? 'no key' : fingerprintOf(key), key ?? '']
}

async function allow(tree: Tree, host: string, { key, yes, json }: Given): Promise<number> {
  const one = introductionOf(tree, host, key)
  const fingerprint = fingerprintOf(one.key)
  const before = readAllowed(tree, host)
  const changed = before !== undefined && before.key !== one.key
  if (changed) process.stderr.write(`repowire: ${host} had another key: ${fingerprintOf(before.key)}\n`)
  const known = saysKnownKey(allowedWithKey(tree, host, one.key))
  if (!yes && !(await isAgreed(`Take mail of ${host}, whose key is ${fingerprint}${known}?`))) return 1
  allowHost(tree, process.ppid, one)
  if (json) sayJson({ host, fingerprint })
  else
    say(
      `${host} is allowed: ${fingerprint}${known}. Allow this host there too: repowire hosts allow ${tree.host}`,
    )
  return 0
}

function deny(tree: Tree, host: string, { json }: Given): number {
  introductionOf(tree, host, ownPublicKey(tree)) // a label, at least
  const { was, refused } = denyHost(tree, process.ppid, host)
  if (json) sayJson({ host, was, refused })
  else say(`${host} is not allowed${was ? ' any more' : ''}; ${refused} of its messages were refused.`)
  return 0
}

/** No is the answer of who says nothing, and nobody is asked where nobody sits. */
async function isAgreed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    const next = 'Compare the fingerprint with what repowire hosts prints there, then add --yes.'
    throw new RepowireError('bad-input', `${question} Nobody is there to be asked.`, next)
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('no')))
  const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed])
  terminal.close()
  return /^(y|yes)$/i.test(answer.trim())
}
