// `repowire doctor` with real directories, a real tmux and real processes: what is in order, each thing that is not, and what --fix mends.

import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { TRIED_VERSION } from '../../src/agents/claude-code/client.ts'
import { addOurs, oursFor } from '../../src/agents/claude-code/settings.ts'
import { fileSystemOf, kindInMounts } from '../../src/spool/file-system.ts'
import { markOf } from '../../src/spool/process.ts'
import type { Verdict } from '../../src/surfaces/cli/doctor-check.ts'
import { judgeFileSystem } from '../../src/surfaces/cli/doctor-places.ts'
import { judgeClient, judgeNode, judgeTmux } from '../../src/surfaces/cli/doctor-programs.ts'
import { processesOf } from '../processes.ts'
import { CLIENT_VERSION } from '../real/client.ts'
import { eventually } from '../real/eventually.ts'
import { startModel } from '../real/model.ts'
import { makeHome } from '../real/sandbox.ts'
import { startClaude } from '../real/session.ts'
import { startTmux } from '../real/tmux.ts'
import {
  ended,
  enrol,
  filesIn,
  HOST_ID,
  lay,
  makeDir,
  makeWorld,
  plainEnv,
  run,
  start,
  startProcess,
  type World,
} from '../world.ts'
import { PROGRAM, TO } from './shell.ts'

type Finding = { check: string; verdict: Verdict; what: string; remedy?: string; fixable: boolean }
type Said = {
  problems: number
  warnings: number
  fixed: { check: string; what: string }[]
  findings: Finding[]
}

type Patient = World & { config: string; doctor(...args: string[]): Promise<Said & { code: number | null }> }

/** A world on a machine that has no client. */
function makePatient(t: Test): Patient {
  const world = makeWorld(t)
  const config = join(world.dir, '.claude')
  mkdirSync(config)
  const own = { HOME: world.dir, REPOWIRE_CLAUDE: '/nonexistent/claude', CLAUDE_CONFIG_DIR: config }
  const env = plainEnv({ ...world.env, ...own })
  // What is made wrong here may be such that it refuses; then it has started nothing.
  t.teardown(() => spawnSync(PROGRAM[0] as string, [PROGRAM[1] as string, 'daemon', 'stop'], { env }))
  const doctor = async (...args: string[]) => {
    const path = ['env', `PATH=${env.PATH}`]
    const { code, stdout } = await run(t, [...path, ...PROGRAM, 'doctor', '--json', ...args], {
      env: { ...env, PATH: process.env.PATH ?? '' },
      cwd: world.dir,
    })
    return { ...(JSON.parse(stdout) as Said), code }
  }
  return { ...world, env, config, doctor }
}

const program = (node: string, server: string) =>
  JSON.stringify({ mcpServers: { repowire: { type: 'stdio', command: node, args: [server] } } })
const SET_UP_ONCE = program('/nonexistent/node', '/nonexistent/mcp.js')

function writeCourier({ tree }: Patient, more: object, mark: object): void {
  const file = {
    process: mark,
    program: PROGRAM[1],
    version: '0.0.1',
    build: 'old',
    since: '2026-11-22T09:40:00.000Z',
  }
  writeFileSync(join(tree.state, 'courier.json'), JSON.stringify({ ...file, ...more }))
}

function writeSession({ config }: Patient, pid: number, more: object = {}): void {
  mkdirSync(join(config, 'sessions'), { recursive: true })
  const session = { kind: 'interactive', cwd: '/src/frontend', ...more }
  writeFileSync(join(config, 'sessions', `${pid}.json`), JSON.stringify(session))
}

function layOld(t: Test, patient: Patient): void {
  enrol(t, patient, 'backend')
  const file = join(patient.tree.root, 'inbox', TO, 'new', lay(patient.tree, 'new', { kind: 'notice' }))
  utimesSync(file, 1, 1)
}

type Row = [
  name: string,
  check: string,
  verdict: Verdict,
  what: RegExp,
  mends: boolean,
  make: (patient: Patient, t: Test) => unknown,
]

const ROWS: Row[] = [
  [
    'a root that others can write',
    'mailbox',
    'problem',
    /root can be written by other users/,
    true,
    ({ tree }) => chmodSync(tree.root, 0o777),
  ],
  [
    'a root that others can read',
    'mailbox',
    'warning',
    /root can be read by other users/,
    true,
    ({ tree }) => chmodSync(tree.root, 0o755),
  ],
  [
    'no root',
    'mailbox',
    'problem',
    /root is missing/,
    true,
    ({ tree }) => rmSync(tree.root, { recursive: true }),
  ],
  [
    'a root without its marker',
    'mailbox',
    'problem',
    /has no mailbox\.json/,
    true,
    ({ tree }) => rmSync(join(tree.root, 'mailbox.json')),
  ],
  [
    'a root of another spec',
    'mailbox',
    'problem',
    /knows only "mailbox\/1"/,
    false,
    ({ tree }) => writeFileSync(join(tree.root, 'mailbox.json'), '{"spec":"mailbox/9"}'),
  ],
  [
    'a root that is a file',
    'mailbox',
    'problem',
    /root is not a directory/,
    false,
    ({ tree }) => {
      rmSync(tree.root, { recursive: true })
      writeFileSync(tree.root, '')
    },
  ],
  [
    'a state directory that others can write',
    'state',
    'problem',
    /state can be written by other users/,
    true,
    ({ tree }) => chmodSync(tree.state, 0o777),
  ],
  [
    'a second machine of our label',
    'file system',
    'problem',
    /has claimed the label "laptop", too/,
    false,
    ({ tree }) => {
      const claim = readFileSync(join(tree.root, 'hosts/laptop.json'), 'utf8')
      const copy = join(tree.root, 'hosts/laptop.sync-conflict-20261122-094135-5KYI46T.json')
      writeFileSync(copy, claim.replace(HOST_ID, '1'.repeat(32)))
    },
  ],
  [
    'no state directory',
    'state',
    'problem',
    /state is missing/,
    true,
    ({ tree }) => rmSync(tree.state, { recursive: true }),
  ],
  [
    'a mailbox that others can write',
    'permissions',
    'problem',
    /other users can write .*peers$/,
    true,
    ({ tree }) => chmodSync(join(tree.root, 'peers'), 0o777),
  ],
  [
    'messages that others can write',
    'permissions',
    'problem',
    /other users can write .*query\.json and 1 more$/,
    true,
    (patient, t) => {
      enrol(t, patient, 'backend')
      for (const id of ['20261122t094012412z-k3v9x2p8', '20261122t094012412z-k3v9x2p9'])
        chmodSync(join(patient.tree.root, 'inbox', TO, 'new', lay(patient.tree, 'new', { id })), 0o666)
    },
  ],
  [
    'no place for a file',
    'links',
    'problem',
    /root\/tmp/,
    false,
    ({ tree }) => {
      rmSync(join(tree.root, 'tmp'), { recursive: true })
      writeFileSync(join(tree.root, 'tmp'), '')
    },
  ],
  [
    'a wrong key',
    'config.json',
    'problem',
    /no key "door"; did you mean "doors"\?.*\[bad-config\]/,
    false,
    ({ tree }) => writeFileSync(join(tree.root, 'config.json'), '{"door":[]}'),
  ],
  ['no client', 'client', 'problem', /no claude was found/, false, () => {}],
  ['no set-up', 'set-up', 'problem', /no hooks and permission rule in /, false, () => {}],
  [
    'a set-up whose programs are gone',
    'set-up',
    'problem',
    /MCP server in .*: it runs \/nonexistent\/node and \/nonexistent\/mcp\.js, which are gone/,
    false,
    ({ config }) => writeFileSync(join(config, '.claude.json'), SET_UP_ONCE),
  ],
  [
    'a set-up of another path',
    'set-up',
    'problem',
    /MCP server in .*: of another version or path \(.*mcp\.js\)/,
    false,
    ({ config }) => {
      writeFileSync(join(config, 'mcp.js'), '')
      writeFileSync(join(config, '.claude.json'), program(process.execPath, join(config, 'mcp.js')))
    },
  ],
  [
    'another server of our name',
    'set-up',
    'problem',
    /another MCP server is called repowire/,
    false,
    ({ config }) =>
      writeFileSync(join(config, '.claude.json'), '{"mcpServers":{"repowire":{"command":"other"}}}'),
  ],
  [
    'settings that are no JSON',
    'set-up',
    'problem',
    /settings\.json was left as it is: it is not JSON/,
    false,
    ({ config }) => writeFileSync(join(config, 'settings.json'), '{'),
  ],
  [
    'hooks that are switched off',
    'set-up',
    'problem',
    /"disableAllHooks" turns our hooks off too/,
    false,
    ({ config }) => {
      const ours = oursFor({ node: process.execPath, hook: '/nonexistent/hook.cjs' })
      writeFileSync(join(config, 'settings.json'), addOurs('{"disableAllHooks":true}', ours).text)
    },
  ],
  [
    'a courier of an older build',
    'courier',
    'problem',
    /0\.0\.1, pid \d+ is of an older build/,
    true,
    (patient, t) => writeCourier(patient, {}, startProcess(t).mark),
  ],
  [
    'a courier of another installation',
    'courier',
    'warning',
    /is of another installation \(\/elsewhere\/repowire\.js; this is /,
    false,
    (patient, t) =>
      writeCourier(patient, { program: '/elsewhere/repowire.js', version: '99.0.0' }, startProcess(t).mark),
  ],
  [
    'errors of the courier',
    'courier',
    'warning',
    /^2 errors within a day, the last at .*: The disk is full\.$/,
    false,
    ({ tree }) => {
      const line = (at: string, what: string) => JSON.stringify({ at, code: 'ENOSPC', what })
      const now = new Date().toISOString()
      const lines = [
        line('2020-01-01T00:00:00.000Z', 'Old.'),
        line(now, 'First.'),
        'a crash',
        line(now, 'The disk is full.'),
      ]
      writeFileSync(join(tree.state, 'courier.log'), `${lines.join('\n')}\n`)
    },
  ],
  [
    'a session that was started before set-up',
    'sessions',
    'warning',
    /^the session in \/src\/frontend \(pid \d+\) is no peer/,
    false,
    (patient, t) => {
      writeFileSync(join(patient.config, '.claude.json'), SET_UP_ONCE)
      writeSession(patient, startProcess(t).pid)
    },
  ],
  [
    'mail that waits for long',
    'mail',
    'warning',
    /^one message waits for backend@laptop, since 1970-01-01 .*, because backend's client has no hooks/,
    false,
    (patient, t) => layOld(t, patient),
  ],
]

for (const [name, check, verdict, what, mends, make] of ROWS) {
  t.test(`${name}: it is found${mends ? ', and --fix mends it' : ''}`, async (t) => {
    const patient = makePatient(t)
    await make(patient, t)
    const isIt = (one: Finding) => one.check === check && what.test(one.what)
    const said = await patient.doctor('--quick')
    const found = said.findings.find(isIt)
    t.equal(found?.verdict, verdict, 'verdict', { findings: said.findings })
    t.equal(said.code, 1, 'there is a problem: this machine has no client')
    if (mends) t.ok(found?.fixable)
    if (!mends) return
    const after = await patient.doctor('--quick', '--fix')
    t.ok(after.fixed.some((one) => one.check === check && what.test(one.what)))
    t.notOk(after.findings.find(isIt))
    t.ok(after.findings.filter((one) => one.check === check).every((one) => one.verdict === 'good'))
  })
}

t.test('what is in order is called good, and looking changes nothing', async (t) => {
  const patient = makePatient(t)
  writeFileSync(join(patient.config, '.claude.json'), SET_UP_ONCE)
  const { pid } = enrol(t, patient, 'backend').process
  writeSession(patient, pid)
  writeSession(patient, process.pid, { procStart: '1' }) // of a process that is gone
  writeSession(patient, 1, { kind: 'background' })
  lay(patient.tree, 'new', { kind: 'notice' })
  const before = filesIn(patient.dir)
  const { findings } = await patient.doctor('--quick')
  const bad = findings.filter((one) => one.verdict !== 'good' && !['client', 'set-up'].includes(one.check))
  t.strictSame(bad, [])
  t.match(findings, [{ check: 'node' }, { check: 'tmux' }])
  t.strictSame(filesIn(patient.dir), before)
})

t.test('--fix leaves what a check only looks at, and says which fix failed', async (t) => {
  const { env, dir, tree } = makePatient(t)
  chmodSync(tree.root, 0o777)
  const { code, stdout, stderr } = await run(t, [...PROGRAM, 'doctor', '--quick', '--fix'], { env, cwd: dir })
  t.equal(code, 1)
  t.match(stderr, /^repowire: REPOWIRE_CLAUDE .* is no executable\..*\[client-missing\]\n$/)
  t.match(stdout, /^fixed +mailbox +.*root can be written by other users$/m)
  t.match(stdout, /^ok +mailbox +~\/root$/m)
  t.match(stdout, /^x +client +no claude was found\. Install Claude Code/m)
  t.match(stdout, /\n\n3 problems\.\n$/)
  t.equal(statSync(tree.root).mode & 0o777, 0o700)
})

const FAKE_TMUX = '#!/bin/sh\n[ "$1" = -V ] && echo "tmux 3.3a" && exit\necho "no server" >&2\nexit 1\n'

t.test('without tmux nothing goes round, and a tmux that does not work is a problem', async (t) => {
  const patient = makePatient(t)
  const bin = join(patient.dir, 'bin')
  mkdirSync(bin)
  patient.env.PATH = bin
  const missing = await patient.doctor()
  t.match(missing.findings, [{}, { check: 'tmux', verdict: 'problem', remedy: /apt-get install tmux/ }])
  t.match(missing.findings.at(-1), { check: 'round trip', verdict: 'warning', what: /there is no tmux/ })
  writeFileSync(join(bin, 'tmux'), FAKE_TMUX, { mode: 0o700 })
  const broken = await patient.doctor()
  const said = { check: 'round trip', verdict: 'problem', what: 'tmux: no server', remedy: /repowire demo/ }
  t.match(broken.findings.at(-1), said)
})

t.test('versions: what is too old is a problem, what was not tried a warning', async (t) => {
  const verdicts = (judge: (version: string) => { verdict: Verdict }, versions: string[]) =>
    versions.map((version) => judge(version).verdict)
  t.strictSame(verdicts(judgeNode, ['18.20.8', '20.18.3', '20.19.0', '22.1.0']), [
    'problem',
    'problem',
    'good',
    'good',
  ])
  t.strictSame(verdicts(judgeTmux, ['2.9a', '3.0', '3.1c', '3.3a', '3.5', 'next-3.7', 'master']), [
    'warning',
    'warning',
    'good',
    'good',
    'good',
    'good',
    'good',
  ])
  const client = (version: string) => judgeClient({ version, path: '/usr/bin/claude' })
  t.strictSame(verdicts(client, [TRIED_VERSION, '2.1.999', '2.2.0', '3.0.0']), [
    'good',
    'good',
    'warning',
    'warning',
  ])
  t.equal(TRIED_VERSION, CLIENT_VERSION)
})

t.test('file systems: those of this machine, those of others, and strange ones', async (t) => {
  const verdict = (kind: string) => judgeFileSystem('~/.repowire', kind).verdict
  for (const kind of ['ext4', 'xfs', 'btrfs', 'tmpfs', 'apfs']) t.equal(verdict(kind), 'good', kind)
  for (const kind of ['nfs', 'smb', 'smbfs', 'fuse', 'macfuse', '9p', '0x1234'])
    t.equal(verdict(kind), 'warning', kind)
  t.match(judgeFileSystem('~/.repowire', 'nfs').what, 'found by looking')
  const mounts =
    '/dev/disk3s1s1 on / (apfs, sealed, local)\n/dev/disk3s5 on /Users (hfs, local)\n//ada@nas/my share on /Users/ada/nas (smbfs, nodev)\n'
  const kinds = ['/Users/ada/nas/x', '/Users/ada', '/Users', '/Usersx', '/'].map((dir) =>
    kindInMounts(mounts, dir),
  )
  t.strictSame(kinds, ['smbfs', 'hfs', 'hfs', 'apfs', 'apfs'])
  if (process.platform !== 'linux') return
  t.match(fileSystemOf('/dev/shm/not/there'), /^tmpfs$/)
  t.match(fileSystemOf('/proc'), /^0x9fa0$/)
})

t.test('Ctrl-C while a question goes round ends it, and nothing is left', async (t) => {
  const { env, dir } = makePatient(t)
  const tmp = join(makeDir(t), 't')
  mkdirSync(tmp)
  const child = start(t, [...PROGRAM, 'doctor'], { env: { ...env, TMPDIR: tmp }, cwd: dir })
  const end = ended(child)
  await eventually('the stage', () => readdirSync(tmp).length > 0)
  child.kill('SIGINT')
  t.match(await end, { code: 130, stdout: '', stderr: '' })
  t.strictSame(readdirSync(tmp), [])
  // A hook that was under way when its agent was killed may end a moment later.
  if (process.platform === 'linux')
    t.ok(
      await eventually('the end of all that was started', async () => (await processesOf(tmp)).length === 0),
    )
})

const skip = process.env.NO_REAL_CLIENT ? 'the real client cannot be had' : false

const NAME =
  'with the real client: --fix sets it up, its session of before is named, and a question goes round'

t.test(NAME, { skip }, async (t) => {
  const [home, model, tmux] = await Promise.all([makeHome(), startModel(() => []), startTmux()])
  const env = home.env(model.url)
  const repowire = (...args: string[]) => run(t, [...PROGRAM, ...args], { env, cwd: home.dir })
  t.teardown(async () => {
    await tmux.stop()
    await repowire('daemon', 'stop')
    await model.close()
    await home.remove()
  })
  const cwd = await home.makeProject('frontend')
  const session = await startClaude({ home, cwd, model, tmux })
  if (process.platform === 'linux')
    t.equal((await session.status())?.procStart, markOf(session.pid)?.start, 'how its process is known')
  const fixed = await repowire('doctor', '--fix', '--quick')
  t.match(fixed, { code: 0, stderr: '' }, 'a warning is no failure')
  t.match(fixed.stdout, /^fixed +set-up +no hooks and permission rule in ~\/\.claude\/settings\.json$/m)
  t.match(
    fixed.stdout,
    /^! +sessions +the session in ~\/projects\/frontend .* is no peer.*\. Restart claude in ~\/projects\/frontend\.$/m,
  )
  t.match(fixed.stdout, /\n\n1 warning\.\n$/)
  t.match(readFileSync(join(home.dir, '.claude', 'settings.json'), 'utf8'), 'repowire-hook')
  await tmux.stop()
  await session.waitGone()
  await repowire('daemon', 'start')
  const before = filesIn(home.dir)
  const { code, stdout, stderr } = await repowire('doctor')
  t.match({ code, stderr }, { code: 0, stderr: '' })
  t.match(stdout, /^ok +client +Claude Code 2\.1\.330 \(~\/bin\/claude\)$/m)
  t.match(stdout, /^ok +round trip +a question was typed into a private pane and answered in \d+ ms$/m)
  t.match(stdout, /\n\nEverything is as it should be\.\n$/)
  t.strictSame(filesIn(home.dir), before, 'nothing is left in HOME and TMPDIR')
})
