// The demonstration as a person runs it: `node dist/repowire.js demo`, in an empty HOME, with a TMPDIR to look into afterwards.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { withoutHeader } from '../src/agents/rehearsal/understand.ts'
import { processesOf } from './processes.ts'
import { clientBinary } from './real/client.ts'
import { eventually } from './real/eventually.ts'
import { type Script, startModel } from './real/model.ts'

const PROGRAM = fileURLToPath(new URL('../dist/repowire.js', import.meta.url))
const ID = /\d{8}t\d{9}z-\w{8}/

type Place = { dir: string; home: string; tmp: string; env: Record<string, string> }
type Ran = { code: number | null; stdout: string; stderr: string }

/** A HOME and a TMPDIR under /tmp: short, because the demonstration makes a socket in the second. */
async function makePlace(t: Test): Promise<Place> {
  const dir = await mkdtemp(join(await realpath('/tmp'), 'rw-demo-'))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  const [home, tmp] = [await mkdtemp(join(dir, 'h')), await mkdtemp(join(dir, 't'))]
  return { dir, home, tmp, env: { PATH: process.env.PATH ?? '', HOME: home, TMPDIR: tmp } }
}

function start(
  env: Record<string, string>,
  ...args: string[]
): { child: ChildProcess; ran: Promise<Ran>; said: () => string } {
  const child = spawn(process.execPath, [PROGRAM, 'demo', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (part) => (stdout += part))
  child.stderr.setEncoding('utf8').on('data', (part) => (stderr += part))
  const ran = once(child, 'close').then(([code]) => ({ code, stdout, stderr }))
  return { child, ran, said: () => stderr }
}

async function isClean(t: Test, { home, tmp }: Place): Promise<void> {
  t.same(await readdir(home), [], 'HOME is as empty as before')
  t.same(await readdir(tmp), [], 'the temporary directory is removed, and with it the socket')
  // A hook that was under way when its agent was killed may end a moment later.
  if (process.platform !== 'linux') return
  const gone = async () => (await processesOf(tmp)).length === 0
  t.ok(await eventually('the end of every agent, courier and tmux', gone))
  t.same(await readdir(tmp), [], 'and none of them made anything anew')
}

t.test('one rehearsal agent asks the other, and everything is shown and then gone', async (t) => {
  const place = await makePlace(t)
  const { code, stdout, stderr } = await start(place.env).ran
  t.equal(code, 0, stderr)
  t.match(
    stdout,
    /│ ❯ ask shop-backend: Which port does the API listen on\?/,
    'the question in the pane of the asker',
  )
  t.match(stdout, /│ ❯ \[repowire:\S+ question from shop-frontend@/, 'the question in the pane of the asked')
  t.match(
    stdout,
    /│ ● shop-backend says:\n│ {3}server\/config\.ts:2: port: 4810,/,
    'the answer with its place',
  )
  t.match(stdout, /rehearsal agent: this is a text search in my own directory, 3 files, not\n│ +a model/)
  t.match(stdout, paths('shop-backend', 'open', 'query'), 'the files while it was answered')
  t.match(stdout, paths('shop-frontend', 'asks', 'blocked'))
  t.match(stdout, paths('shop-backend', 'done', 'query'), 'the files afterwards')
  t.match(stdout, paths('shop-frontend', 'done', 'reply'))
  t.match(
    stdout,
    /^\{"spec":"mailbox\/1",.*"kind":"query",.*"body":"Which port does the API listen on\?"\}$/m,
  )
  t.match(
    stdout,
    /^\{"spec":"mailbox\/1",.*"outcome":"answered",.*"body":"server\/config\.ts:2: port: 4810,/m,
  )
  t.notMatch(stdout, /\x1b/, 'no colours where stdout is no terminal')
  t.ok(
    stdout.split('\n').every((line) => line.length <= 80 || /^[{#$i]/.test(line)),
    'the panes fit into 80 columns',
  )
  await isClean(t, place)
})

function paths(peer: string, state: string, what: string): RegExp {
  return new RegExp(`^inbox/${peer}@[\\w-]+/${state}/${ID.source}\\.${what}\\.json$`, 'm')
}

t.test('with --keep the files stay and nothing runs', async (t) => {
  const place = await makePlace(t)
  const { code, stderr } = await start(place.env, '--keep').ran
  t.equal(code, 0, stderr)
  const [name = ''] = await readdir(place.tmp)
  const kept = join(place.tmp, name)
  t.match(stderr, kept, 'it says where')
  t.same((await readdir(join(kept, 'home/.repowire/peers'))).length, 2)
  t.notOk((await readdir(join(kept, 'state'))).includes('courier.json'), 'the courier has left its office')
  await t.rejects(
    promisify(execFile)('tmux', ['-S', join(kept, 'tmux'), 'list-sessions']),
    'the tmux server has ended',
  )
  t.same(await readdir(place.home), [])
})

for (const moment of ['starting', 'typing', 'given the question']) {
  t.test(`a signal after "${moment}" ends it, and nothing is left`, async (t) => {
    const place = await makePlace(t)
    const { child, ran, said } = start(place.env)
    await eventually(moment, () => said().includes(moment))
    child.kill('SIGINT')
    t.equal((await ran).code, 130)
    await isClean(t, place)
  })
}

t.test('without tmux it says how to get it, and leaves nothing', async (t) => {
  const place = await makePlace(t)
  const { code, stderr } = await start({ ...place.env, PATH: place.home }).ran
  t.equal(code, 1)
  t.match(stderr, /apt-get install tmux.*\[tmux-missing\]/)
  await isClean(t, place)
})

t.test('--agent claude says so when there is no client, and when there is no login', async (t) => {
  const place = await makePlace(t)
  const missing = await start({ ...place.env, PATH: place.home }, '--agent', 'claude').ran
  t.match(missing, { code: 1, stderr: /\[client-missing\]/ })
  const strange = await start({ ...place.env, REPOWIRE_CLAUDE: process.execPath }, '--agent', 'claude').ran
  t.match(strange, {
    code: 1,
    stderr: /no login that the demonstration can use.*start claude once and log in/is,
  })
  await isClean(t, place)
})

const skip = process.env.NO_REAL_CLIENT ? 'the real client cannot be had' : false

t.test('--agent claude lets two sessions of the real client do the same', { skip }, async (t) => {
  const place = await makePlace(t)
  const model = await startModel(script)
  t.teardown(model.close)
  const account = {
    REPOWIRE_CLAUDE: await clientBinary(),
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'sk-ant-scripted',
  }
  const { code, stdout, stderr } = await start({ ...place.env, ...account }, '--agent', 'claude').ran
  t.equal(code, 0, stderr)
  t.match(stdout, /│ ❯ \[repowire:\S+ question from shop-frontend@/)
  t.match(stdout, /│ ● I was told: 4810\./)
  t.match(stdout, paths('shop-frontend', 'done', 'reply'))
  t.same(model.failures, [])
  await isClean(t, place)
})

const script: Script = ({ toolResults, lastUserText, tools }) => {
  const [result] = toolResults
  if (result) return [{ text: `I was told: ${withoutHeader(result.text)}` }]
  if (lastUserText.includes('[repowire:')) return [{ text: '4810.' }]
  const tool = tools.find((name) => name.endsWith('ask_peer')) as string
  return [{ tool, input: { peer: 'shop-backend', question: 'Which port does the API listen on?' } }]
}
