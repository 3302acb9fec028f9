// Where the command line is run and what it is connected to: roots that it must not use, streams that end early.

import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { publish } from '../../src/spool/publish.ts'
import { enrol, filesIn, lay, mailOf, makeEnv, makeWorld, message, plainEnv, Q, ROOT, run } from '../world.ts'
import { makeShell, PROGRAM, TO } from './shell.ts'

const LOOKING = [
  'peers',
  'status',
  'inbox',
  'log',
  `show ${Q}`,
  `trace ${Q}`,
  'gc --dry-run',
  'daemon status',
]
const DOING = [
  'ask backend x',
  `await ${Q}`,
  `cancel ${Q}`,
  `reply ${Q} x`,
  'notify backend x',
  'broadcast x',
  'pause',
  'resume',
  'rename a b',
  'daemon start',
]

/** Runs each command with this root; all of them end, and those that fail say why, with a code, and nothing else. */
async function runAll(t: Test, commands: string[], env: Record<string, string>, program = PROGRAM) {
  const runs = []
  for (const command of commands) {
    const done = await run(t, [...program, ...command.split(' ')], { env })
    if (done.code === 1) t.match(done, { stdout: '', stderr: /^repowire: .+[.] \S.*\[[\w-]+\]\n$/ }, command)
    runs.push({ command, ...done })
  }
  return runs
}

const BAD_ROOTS: [what: string, code: string, make: (root: string) => void][] = [
  ['is a file', 'bad-root', (root) => writeFileSync(root, 'x')],
  ['others can write', 'bad-root', (root) => chmodSync(mkdirSync(root, { recursive: true }) ?? root, 0o770)],
  [
    'follows another specification',
    'wrong-spec',
    (root) => {
      mkdirSync(root, { mode: 0o700 })
      writeFileSync(join(root, 'mailbox.json'), '{"spec":"mailbox/2"}')
    },
  ],
]

for (const [what, code, make] of BAD_ROOTS) {
  t.test(`a root that ${what} is refused by every command as ${code}, and stays as it is`, async (t) => {
    const { dir, env } = makeEnv(t)
    make(env.REPOWIRE_HOME as string)
    const before = filesIn(dir)
    for (const done of await runAll(t, [...LOOKING, ...DOING], plainEnv({ ...env, HOME: dir })))
      t.match(done, { code: 1, stderr: new RegExp(`\\[${code}\\]`) }, done.command)
    t.strictSame(filesIn(dir), before)
  })
}

t.test('a root that is not there is empty to whoever looks, and stays away', async (t) => {
  const { dir, env } = makeEnv(t)
  const before = filesIn(dir)
  for (const { command, code, stderr } of await runAll(t, LOOKING, plainEnv({ ...env, HOME: dir }))) {
    t.equal(code, command === 'daemon status' ? 5 : /show|trace/.test(command) ? 1 : 0, command)
    t.equal(stderr === '', code !== 1, command)
  }
  t.strictSame(filesIn(dir), before)
})

t.test('nor is it made by a command line that is not understood', async (t) => {
  const { dir, env } = makeEnv(t)
  const before = filesIn(dir)
  const wrong = ['await x', 'cancel x', 'reply x y', 'ask backend', 'notify backend', 'broadcast', 'rename']
  for (const done of await runAll(t, wrong, plainEnv({ ...env, HOME: dir })))
    t.equal(done.code, 2, done.command)
  t.strictSame(filesIn(dir), before)
})

t.test('a root that cannot be made is told with its path, by whoever has to make it', async (t) => {
  const { dir, env } = makeEnv(t)
  writeFileSync(join(dir, 'file'), '')
  const places = [join(dir, 'file', 'root'), ...(process.platform === 'linux' ? ['/proc/root-of-mine'] : [])]
  for (const root of places) {
    const own = plainEnv({ ...env, HOME: dir, REPOWIRE_HOME: root })
    for (const done of await runAll(t, DOING, own))
      t.match(done, { code: 1, stderr: /file|proc/ }, done.command)
  }
})

/** Somebody who may only read what the test has made. */
function stranger(): string[] | undefined {
  if (process.getuid?.() !== 0) return []
  try {
    execFileSync('env', ['setpriv', '--version'])
    return ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  } catch {
    return undefined
  }
}

const as = stranger()
const skip = as === undefined && 'root may write everywhere, and setpriv is missing'

t.test('a root that can only be read can be looked at, and nothing else', { skip }, async (t) => {
  const world = makeWorld(t)
  enrol(t, world, 'backend')
  lay(world.tree, 'open')
  // Where the repository lies a stranger may have no access.
  cpSync(join(ROOT, 'dist'), join(world.dir, 'dist'), { recursive: true })
  const program = [...(as ?? []), process.execPath, join(world.dir, 'dist/repowire.js')]
  const modes = (files: string, dirs: string) => {
    execFileSync('find', [world.dir, '-type', 'f', '-exec', 'chmod', files, '{}', '+'])
    execFileSync('find', [world.dir, '-type', 'd', '-exec', 'chmod', dirs, '{}', '+'])
  }
  modes('444', '555')
  t.teardown(() => modes('600', '700'))
  const before = filesIn(world.dir)
  const env = plainEnv({ ...world.env, HOME: world.dir })
  for (const { command, code } of await runAll(t, LOOKING, env, program))
    t.equal(code, command === 'daemon status' ? 5 : 0, command)
  for (const done of await runAll(t, DOING, env, program))
    t.match(done, { code: 1, stderr: /\[(EACCES|courier-start)\]/ }, done.command)
  t.strictSame(filesIn(world.dir), before)
})

t.test('a reader that goes away early hears of no fault', async (t) => {
  const shell = makeShell(t)
  enrol(t, shell, 'backend')
  publish(shell.tree, message({ kind: 'notice', to: TO, body: 'x'.repeat(200_000) }))
  const script = '"$@" | head -c 1'
  for (const command of [`show ${Q}`, `show ${Q} --json`, 'log', '--help', 'peers --json']) {
    const words = [...PROGRAM, ...command.split(' ')]
    const { stdout, stderr } = await run(t, ['sh', '-c', script, 'sh', ...words], { env: shell.env })
    t.equal(stdout.length, 1, command)
    t.equal(stderr, '', command)
  }
})

t.test('what stands on standard input is one text; without any the text is empty', async (t) => {
  const shell = makeShell(t)
  enrol(t, shell, 'backend')
  const sh = (script: string) => run(t, ['sh', '-c', script, 'sh', ...PROGRAM], { env: shell.env })
  t.match(await sh('(printf "one "; sleep 0.2; printf two) | "$@" notify backend -'), { code: 0, stderr: '' })
  t.match(await sh('"$@" notify backend - <&-'), { code: 2, stdout: '', stderr: /\[bad-input\]/ })
  t.match(await sh('"$@" notify backend - </dev/null'), { code: 2, stdout: '', stderr: /\[bad-input\]/ })
  t.match(await sh('printf "\\377\\376" | "$@" notify backend -'), {
    code: 2,
    stderr: /UTF-8.*\[bad-input\]/,
  })
  t.match(await sh('"$@" notify backend - </'), { code: 1, stdout: '', stderr: /\[EISDIR\]/ })
  t.match(await sh('"$@" notify backend a - b </dev/null'), { code: 0 })
  const bodies = mailOf(shell.tree, TO).map(
    (file) => JSON.parse(readFileSync(join(shell.tree.root, 'inbox', TO, file), 'utf8')).body,
  )
  t.strictSame(bodies.sort(), ['a - b', 'one two'])
})

t.test(
  'there is no colour in what is printed, with NO_COLOR, without, and where colour is forced',
  async (t) => {
    const shell = makeShell(t)
    enrol(t, shell, 'backend')
    const plain: Record<string, string> = {}
    for (const more of [plain, { NO_COLOR: '1' }, { FORCE_COLOR: '1', TERM: 'xterm-256color' }]) {
      const env = { ...shell.env, ...more }
      for (const words of [['--help'], ['peers'], ['status'], ['inbox', 'backend'], ['frobnicate']]) {
        const { stdout, stderr } = await run(t, [...PROGRAM, ...words], { env, cwd: shell.dir })
        t.notMatch(stdout + stderr, /\x1b/, words.join(' '))
      }
    }
  },
)
