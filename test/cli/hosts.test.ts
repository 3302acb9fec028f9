// Two machines on one root, as a person sees them.

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { formatHost } from '../../src/protocol/host.ts'
import { pinHost } from '../../src/spool/allowed.ts'
import { readHostFile } from '../../src/spool/hosts.ts'
import { machineMark } from '../../src/spool/own-host.ts'
import { openTree } from '../../src/spool/tree.ts'
import { enrol, filesIn, HOST_ID, here, makeDir, message, place, Q, ROOT, run, said } from '../world.ts'
import { makeShell, PROGRAM } from './shell.ts'

t.test('a machine whose label is taken is refused everywhere, and goes on under another one', async (t) => {
  const shell = makeShell(t)
  const state = join(makeDir(t), 'state')
  mkdirSync(state, { mode: 0o700 })
  writeFileSync(join(state, 'host.json'), JSON.stringify({ label: 'laptop', host_id: 'cd'.repeat(16) }))
  const env = { ...shell.env, REPOWIRE_STATE: state }
  const there = async (args: string[]) => await run(t, [...PROGRAM, ...args], { env, cwd: shell.dir })
  for (const args of [['peers'], ['status'], ['inbox'], ['hosts'], ['notify', 'x', 'y'], ['daemon', 'run']]) {
    const { code, stdout, stderr } = await there(args)
    t.match({ code, stdout }, { code: 1, stdout: '' }, args.join(' '))
    t.match(stderr, '[host-taken]')
  }
  const renamed = await there(['host', 'rename', 'desk'])
  t.match(renamed, { code: 0, stderr: '' })
  t.match(renamed.stdout, 'This machine is the host "desk" now.')
  t.match(renamed.stdout, 'On laptop, to take its mail: repowire hosts allow desk')
  t.equal((await there(['peers'])).code, 0)
  await there(['daemon', 'stop'])
  t.equal(openTree(env).host, 'desk')
  t.equal((await shell.repowire(['peers'])).code, 0)
})

t.test('a copied home is refused by every command and hook, and goes on under another label', async (t) => {
  if (machineMark() === undefined) return void t.pass('this machine has no id by which to know it')
  const shell = makeShell(t)
  const { tree, repowire, dir } = shell
  mkdirSync(join(tree.root, '.stfolder'))
  const file = join(tree.state, 'host.json')
  writeFileSync(file, JSON.stringify({ label: 'laptop', host_id: HOST_ID, machine: '1'.repeat(32) }))
  const before = filesIn(tree.root)
  for (const args of [['peers'], ['status'], ['inbox'], ['hosts'], ['notify', 'x', 'y'], ['daemon', 'run']]) {
    const { code, stdout, stderr } = await repowire(args)
    t.match({ code, stdout }, { code: 1, stdout: '' }, args.join(' '))
    t.match(stderr, '[host-cloned]')
  }
  const env = { ...shell.env, CLAUDE_PID: String(process.pid), CLAUDE_CODE_ENTRYPOINT: 'cli' }
  const hook = [process.execPath, join(ROOT, 'dist', 'hook.cjs')]
  for (const hook_event_name of ['SessionStart', 'UserPromptSubmit', 'Stop']) {
    const input = JSON.stringify({ cwd: dir, hook_event_name, prompt: 'x' })
    t.match(await run(t, hook, { env, cwd: dir, input }), { code: 0, stdout: '', stderr: '' })
  }
  const lines = readFileSync(join(tree.state, 'hook.log'), 'utf8').trim().split('\n')
  t.strictSame(
    lines.map((line) => JSON.parse(line).code),
    Array(3).fill('host-cloned'),
  )
  t.strictSame(filesIn(tree.root), before)
  t.equal((await repowire(['host', 'rename', 'desk'])).code, 0)
  t.equal((await repowire(['peers'])).code, 0)
})

t.test(
  'a shared root that is not mounted is refused by every command and hook, until it is begun anew',
  async (t) => {
    const { tree, repowire, dir, env } = makeShell(t)
    writeFileSync(join(tree.state, 'shared'), '')
    renameSync(tree.root, join(dir, 'mounted'))
    mkdirSync(tree.root, { mode: 0o700 })
    for (const args of [
      ...[['peers'], ['status'], ['inbox'], ['hosts'], ['notify', 'x', 'y'], ['setup', '--yes']],
      ...[
        ['daemon', 'run'],
        ['daemon', 'start'],
        ['host', 'rename', 'desk'],
        ['uninstall', '--purge', '--yes'],
      ],
    ]) {
      const { code, stdout, stderr } = await repowire(args)
      t.match({ code, stdout }, { code: 1, stdout: '' }, args.join(' '))
      t.match(stderr, '[root-missing]')
    }
    const own = { ...env, CLAUDE_PID: String(process.pid), CLAUDE_CODE_ENTRYPOINT: 'cli' }
    const hook = [process.execPath, join(ROOT, 'dist', 'hook.cjs')]
    const events = ['SessionStart', 'UserPromptSubmit', 'Stop']
    for (const hook_event_name of events) {
      const input = JSON.stringify({ cwd: dir, hook_event_name, prompt: 'x' })
      t.match(await run(t, hook, { env: own, cwd: dir, input }), { code: 0, stdout: '', stderr: '' })
    }
    const lines = readFileSync(join(tree.state, 'hook.log'), 'utf8').trim().split('\n')
    t.strictSame(
      lines.map((line) => JSON.parse(line).code),
      events.map(() => 'root-missing'),
    )
    const doctor = await repowire(['doctor', '--quick', '--fix'])
    t.match(doctor, { code: 1, stdout: /There is no mailbox at .*begin-anew/ })
    t.equal((await repowire(['daemon', 'stop'])).code, 0)
    t.strictSame(readdirSync(tree.root), [])
    t.match(await repowire(['host', 'begin-anew']), { code: 0, stdout: /is a new mailbox/ })
    t.equal((await repowire(['peers'])).code, 0)
    t.match(await repowire(['host', 'begin-anew']), { code: 2, stderr: /is not missing/ })
  },
)

t.test('hosts says who is there, with how many peers, and whether it is allowed', async (t) => {
  const shell = makeShell(t)
  const { tree } = shell
  const key = Buffer.alloc(32, 7).toString('base64')
  const file = { spec: 'mailbox/1', host: 'desk', host_id: 'ab'.repeat(16), key, epoch: '00000000' } as const
  writeFileSync(join(tree.root, 'hosts/desk.json'), formatHost({ ...file, seq: 0, every: 30 }))
  enrol(t, { ...shell, tree: { ...tree, host: 'desk' } }, 'api')
  const first = await shell.repowire(['hosts'])
  t.match(first.stdout, /^laptop +this host +SHA256:/m)
  t.match(first.stdout, /^desk +unknown +not allowed +1 peer +SHA256:/m)
  pinHost(tree, { ...file, key: Buffer.alloc(32, 8).toString('base64') })
  const seen = { epoch: '00000000', seq: 0, changes: 1, at: -1e9, boot: here.boot }
  writeFileSync(join(tree.state, 'seen/desk.json'), JSON.stringify(seen))
  const later = await shell.repowire(['hosts'])
  t.match(later.stdout, /^desk +away, last seen \d+ days ago +allowed, and has another key now +1 peer /m)
  const { others } = JSON.parse((await shell.repowire(['hosts', '--json'])).stdout)
  t.match(others, [{ host: 'desk', state: 'away', allowed: true, changed: true, peers: 1 }])
})

t.test('a host of another label is still not allowed, and is shown to have the key that was', async (t) => {
  const shell = makeShell(t)
  const { tree, repowire } = shell
  enrol(t, shell, 'backend')
  const key = Buffer.alloc(32, 7).toString('base64')
  const file = {
    spec: 'mailbox/1',
    host_id: 'ab'.repeat(16),
    key,
    epoch: '00000000',
    seq: 0,
    every: 30,
  } as const
  for (const [label, more] of [
    ['desk', {}],
    ['other', { key: Buffer.alloc(32, 8).toString('base64') }],
  ] as const)
    writeFileSync(join(tree.root, `hosts/${label}.json`), formatHost({ ...file, host: label, ...more }))
  pinHost(tree, { host: 'old', host_id: file.host_id, key })
  const it = message({ kind: 'notice', from: 'api@desk' })
  place(tree, it.to, 'held', `${Q}.notice.json`, JSON.stringify(it))
  const known = 'not allowed (it has the key of old, which is allowed)'
  const { stdout } = await repowire(['hosts'])
  t.match(stdout, `desk    unknown    ${known}`)
  t.match(stdout, /^other +unknown +not allowed +0 peers/m)
  t.match(JSON.parse((await repowire(['hosts', '--json'])).stdout).others, [
    { host: 'desk', allowed: false, formerly: ['old'] },
    { host: 'old', allowed: true, formerly: [] },
    { host: 'other', allowed: false, formerly: [] },
  ])
  for (const args of [['inbox', 'backend'], ['status']])
    t.match((await repowire(args)).stdout, `its host is ${known}: repowire hosts allow desk`)
  t.match(
    (await repowire(['hosts', 'allow', 'desk'])).stderr,
    '(it has the key of old, which is allowed)? Nobody is',
  )
  t.equal((await repowire(['hosts', 'allow', 'desk', '--yes'])).code, 0)
  t.match((await repowire(['hosts'])).stdout, /^desk +unknown +allowed +0 peers/m)
})

t.test('what was sent to another host is traced and shown as of the last sync', async (t) => {
  const { tree, repowire } = makeShell(t)
  const it = message({ kind: 'notice', from: 'api@laptop', to: 'mac@desk' })
  said(tree, 'notified', it.from, Q, { to: it.to, body: it.body })
  t.match((await repowire(['trace', Q])).stdout, 'now: the notice waits for mac@desk, as of the last sync')
  const file = place(tree, it.to, 'done', `${Q}.notice.json`, `${JSON.stringify(it)}\n`)
  const traced = (await repowire(['trace', Q])).stdout
  t.match(traced, `the notice lies in inbox/mac@desk/done/${file}, as of the last sync`)
  t.match(traced, 'now: the notice to mac@desk is over, as of the last sync')
  t.match((await repowire(['show', Q])).stdout, `inbox/mac@desk/done/${file}, as of the last sync\n`)
})

t.test('host rename brings the sessions along, and an agent must not do it', async (t) => {
  const shell = makeShell(t)
  enrol(t, shell, 'backend')
  const done = await shell.repowire(['host', 'rename', 'desk', '--json'])
  t.strictSame(JSON.parse(done.stdout), { host: 'desk', moved: ['backend@desk'], left: [] })
  t.ok(readHostFile(shell.tree, 'desk'))
  t.match((await shell.repowire(['peers', '--json'])).stdout, '"backend@desk"')
  enrol(t, { ...shell, tree: openTree(shell.env) }, 'asker', { process: here })
  const refused = await shell.repowire(['host', 'rename', 'other'])
  t.match(refused, { code: 1, stdout: '' })
  t.match(refused.stderr, '[agent-may-not]')
})
