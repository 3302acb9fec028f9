// Two hosts on one tree whose clocks are two hours apart: nothing comes too early or too late because of the other's. mailbox-spec §2.2, §5.7

import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { fileName, messagePath, type State } from '../../src/protocol/layout.ts'
import { type Presence, sayAgo } from '../../src/protocol/seen.ts'
import { bundle, eventsOf, mailOf, makeDir, plainEnv, start, until, type World } from '../world.ts'
import { allowEachOther, worldOf } from './two-hosts.ts'

t.setTimeout(60_000)

const HOUR_MS = 3_600_000

/** A host and its clerk; `does` resolves with what came of a deed. */
type Host = World & { address: string; now: number; does<T>(deed: string, about?: object): Promise<T> }

async function startClerk(
  t: Test,
  program: string,
  world: World,
  clock: Record<string, string>,
): Promise<Host> {
  const directory = join(world.dir, 'src', 'peer')
  mkdirSync(join(directory, '.git'), { recursive: true })
  const skewed = ['--import', fileURLToPath(new URL('./clock.mjs', import.meta.url))]
  const env = plainEnv({ ...world.env, ...clock, HOME: world.dir })
  const child = start(t, [process.execPath, ...skewed, program, directory], { env })
  child.stderr?.pipe(process.stderr)
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const next = async () => JSON.parse(((await once(lines, 'line')) as [string])[0])
  const { address, now } = await next()
  const does = async (deed: string, about: object = {}) => {
    const said = next()
    child.stdin?.write(`${JSON.stringify({ deed, about })}\n`)
    const { did, failed } = await said
    if (failed !== undefined) throw new Error(`${deed} at ${address}: ${failed}`)
    return did
  }
  return { ...world, address, now, does }
}

/** `hours`: how far ahead each clock is. `served`: the root is on the disk of the first, and the second has it over a network. */
async function makeHosts(t: Test, hours: [number, number], served: boolean): Promise<[Host, Host]> {
  const dir = makeDir(t)
  const root = join(dir, 'root')
  mkdirSync(root, { mode: 0o700 })
  const worlds = ['alpha', 'beta'].map((label) => worldOf(join(dir, label), label, root))
  writeFileSync(join(root, 'config.json'), '{"repair_seconds":1,"turns_per_hour":0}', { mode: 0o600 })
  allowEachOther(worlds)
  const program = await bundle(t, new URL('./clerk.ts', import.meta.url))
  const ahead = (n: number) => String(n * HOUR_MS)
  const clocks = hours.map((n) => ({ CLOCK_MS: ahead(n) }))
  if (served) Object.assign(clocks[1] as object, { SERVED: root, SERVED_MS: ahead(hours[0]) })
  const [alpha, beta] = worlds as [World, World]
  const [one = {}, two = {}] = clocks
  return [await startClerk(t, program, alpha, one), await startClerk(t, program, beta, two)]
}

const lies = ({ tree }: World, address: string, state: State, id: string) =>
  existsSync(join(tree.root, messagePath(address, state, fileName(id, 'query'))))

/** Until the courier of this host has looked at the question, and has noted by its own clock since when it is there. */
async function seenBy({ tree }: Host, address: string, id: string): Promise<void> {
  await until(() => existsSync(join(tree.state, 'since', `${address}+${fileName(id, 'query')}`)))
}

/** One question with an hour to wait, which is less than the clocks are apart. */
async function exchange(t: Test, from: Host, to: Host): Promise<void> {
  const id = await from.does<string>('askFor', { to: to.address, body: 'Which port?', seconds: 3_600 })
  await seenBy(to, to.address, id)
  await to.does('sweep')
  t.ok(lies(to, to.address, 'new', id), 'it waits')
  t.strictSame(await to.does('take'), [id])
  await to.does('reply', { id, body: '8080' })
  t.strictSame(await from.does('answerTo', { id }), { outcome: 'answered', body: '8080' })
}

async function expires(t: Test, from: Host, to: Host): Promise<void> {
  const id = await from.does<string>('askFor', { to: to.address, body: 'Which port?', seconds: 1 })
  t.match(await from.does('answerTo', { id }), { outcome: 'expired' })
  t.ok(lies(to, to.address, 'dead', id))
}

/** What a rollback took away on both sides is sent again, once. */
async function repairs(t: Test, pairs: [Host, Host][]): Promise<void> {
  const asked = new Map<string, [Host, Host]>()
  for (const [from, to] of pairs)
    asked.set(await from.does<string>('ask', { to: to.address, body: 'Which port?' }), [from, to])
  for (const [id, [, to]] of asked) {
    await seenBy(to, to.address, id)
    rmSync(join(to.tree.root, messagePath(to.address, 'new', fileName(id, 'query'))))
  }
  for (const [id, [from, to]] of asked) {
    await until(() => lies(to, to.address, 'new', id))
    t.strictSame(await to.does('take'), [id])
    await to.does('reply', { id, body: '8080' })
    t.match(await from.does('answerTo', { id }), { outcome: 'answered' })
    t.equal(eventsOf(from.tree, id).filter((event) => event === 'repaired').length, 1)
  }
}

/** What is being written just now is nobody's litter. */
async function keepsWhatIsWritten(t: Test, host: Host): Promise<void> {
  const file = join(host.tree.root, 'tmp', host.tree.host, 'being-written')
  writeFileSync(file, '')
  await host.does('sweep')
  t.ok(existsSync(file))
  rmSync(file)
}

async function presenceOf(observer: Host, { tree }: Host): Promise<Presence | undefined> {
  const hosts = await observer.does<(Presence & { host: string })[]>('hosts')
  return hosts.find(({ host }) => host === tree.host)
}

/** Seen to change: here. Not for twelve minutes of the observer's own clock: away since then. */
async function sees(t: Test, observer: Host, other: Host): Promise<void> {
  await presenceOf(observer, other)
  await other.does('beat')
  t.match(await presenceOf(observer, other), { state: 'here' })
  const file = join(observer.tree.state, 'seen', `${other.tree.host}.json`)
  const seen = JSON.parse(readFileSync(file, 'utf8')) as { at: number }
  writeFileSync(file, JSON.stringify({ ...seen, at: seen.at - 12 * 60_000 }))
  const presence = await presenceOf(observer, other)
  t.equal(presence?.state, 'away')
  t.equal(sayAgo(presence?.ago ?? 0), '12 min ago')
}

/** Nothing that is younger than the clocks are apart is old, and with no time to be kept everything is. */
async function collects(t: Test, host: Host): Promise<void> {
  t.strictSame(await host.does('gc', { days: 1 / 48 }), [], 'nothing is half an hour old')
  const over = mailOf(host.tree, host.address).filter((file) => /^(done|dead)/.test(file))
  t.ok(over.length > 0)
  const removed = await host.does<string[]>('gc', { days: 0 })
  t.strictSame(removed.sort(), over.map((file) => `inbox/${host.address}/${file}`).sort())
}

t.jobs = 3

for (const [hours, served] of [
  [[-1, 1], false],
  [[-1, 1], true],
  [[1, -1], true],
] as [[number, number], boolean][]) {
  const where = served ? 'on the disk of the first' : 'on a disk of each'
  t.test(
    `with clocks at ${hours.join(' and ')} h, ${where}, all is as with one clock`,
    { buffered: true },
    async (t) => {
      const [alpha, beta] = await makeHosts(t, hours, served)
      t.equal(Math.round((beta.now - alpha.now) / HOUR_MS), hours[1] - hours[0])
      const pairs: [Host, Host][] = [
        [alpha, beta],
        [beta, alpha],
      ]
      for (const [one, other] of pairs) {
        await exchange(t, one, other)
        await expires(t, one, other)
        await keepsWhatIsWritten(t, one)
      }
      await repairs(t, pairs)
      for (const host of [alpha, beta]) await host.does('close')
      for (const [one, other] of pairs) await sees(t, one, other)
      for (const host of [alpha, beta]) await collects(t, host)
    },
  )
}
