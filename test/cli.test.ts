// The built command line, as a person's shell and as an agent's would run it.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Message, Outcome } from '../src/protocol/message.ts'
import { listCards } from '../src/spool/cards.ts'
import { ancestryOf, liveness } from '../src/spool/process.ts'
import { makeMailbox, publish } from '../src/spool/publish.ts'
import { reply } from '../src/verbs/reply.ts'
import { settle } from '../src/verbs/settle.ts'
import { askAndEnd, LOOKS_ITSELF, makeShell, PERSON, PROGRAM, TO } from './cli/shell.ts'
import {
  bodyOf,
  ended,
  enrol,
  filesIn,
  gone,
  here,
  lay,
  mailOf,
  makeDir,
  message,
  plainEnv,
  Q,
  ROOT,
  run,
  start,
  until,
  type World,
} from './world.ts'

t.test('an unknown command is not understood (2) and is told what there is', async (t) => {
  const { repowire } = makeShell(t)
  const [unknown, action, option, missing] = await Promise.all([
    repowire(['frobnicate', 'x']),
    repowire(['daemon', 'frobnicate']),
    repowire(['peers', '--frobnicate']),
    repowire(['show']),
  ])
  t.match(unknown, {
    code: 2,
    stdout: '',
    stderr: /no command "frobnicate".*ask, await.*\[unknown-command\]/,
  })
  t.match(action, { code: 2, stdout: '', stderr: /run, start, stop, status or logs/ })
  t.match(option, { code: 2, stdout: '', stderr: /frobnicate/ })
  t.match(missing, { code: 2, stdout: '', stderr: /id/ })
})

t.test('help and version go to stdout, and tell nothing of what other programs run', async (t) => {
  const { repowire } = makeShell(t)
  const [help, version, bare] = await Promise.all([
    repowire(['--help']),
    repowire(['--version']),
    repowire([]),
  ])
  t.match(help, { code: 0, stdout: /ask <peer>/, stderr: '' })
  t.notMatch(help.stdout, /\bhook\b.*\n|\brehearse\b/)
  t.equal(version.code, 0)
  t.match(version.stdout, JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version)
  t.match(bare, { code: 0, stdout: /ask <peer>/ })
})

t.test('commands that only look make nothing where there is nothing', async (t) => {
  const dir = makeDir(t)
  const env = plainEnv({ HOME: dir })
  const look = (args: string[]) => run(t, [...PROGRAM, ...args], { env, cwd: dir })
  const runs = await Promise.all(
    [
      ['peers'],
      ['status'],
      ['inbox'],
      ['log'],
      ['show', Q],
      ['daemon', 'status'],
      ['daemon', 'stop'],
      ['daemon', 'logs'],
      ['daemon', 'run'],
    ].map(look),
  )
  for (const { stderr, code } of runs) t.notMatch(stderr, /ENOENT|undefined/, `${code} ${stderr}`)
  t.strictSame(readdirSync(dir), [])
})

t.test('words that look like numbers, options or flags stay as they were typed', async (t) => {
  const shell = makeShell(t)
  const { tree, repowire } = shell
  enrol(t, shell, 'backend')
  const sent = await repowire([
    'notify',
    'backend',
    '007',
    '1e3',
    '0x10',
    '1.0',
    '9007199254740993',
    'true',
    '--',
    '--json',
    '-5',
    '',
  ])
  t.match(sent, { code: 0, stderr: '' })
  const [file = ''] = mailOf(tree, TO)
  t.equal(
    bodyOf(tree, TO, 'new', file.slice('new/'.length)),
    '007 1e3 0x10 1.0 9007199254740993 true --json -5 ',
  )
})

t.test('an id and a name are never taken for a number', async (t) => {
  const shell = makeShell(t)
  const { dir, repowire } = shell
  mkdirSync(join(dir, 'src', '0070', '.git'), { recursive: true })
  enrol(t, shell, '0070')
  t.match((await repowire(['show', '00123'])).stderr, '"00123" is no message id')
  t.match((await repowire(['show', '20261122'])).stderr, '"20261122" is no message id')
  t.match(await repowire(['notify', '0070', 'x']), { code: 0, stdout: /In the inbox of 0070@laptop/ })
  t.match((await repowire(['inbox', '0x10'])).stderr, '"0x10"')
})

t.test('a time-out that is no number of seconds is not understood (2), and nothing is asked', async (t) => {
  const shell = makeShell(t)
  enrol(t, shell, 'backend')
  const wrong = ['abc', '0', '-1', 'NaN', 'Infinity', '']
  const runs = await Promise.all(
    wrong.map((it) => shell.repowire(['ask', 'backend', 'x', `--timeout=${it}`])),
  )
  for (const [n, done] of runs.entries()) t.match(done, { code: 2, stdout: '', stderr: /./ }, `"${wrong[n]}"`)
  t.strictSame(mailOf(shell.tree, TO), [])
})

t.test('asking', async (t) => {
  const shell = makeShell(t)
  const { tree, repowire } = shell
  makeMailbox(tree, PERSON)
  const peer = enrol(t, shell, 'backend')
  const answer = (text: string) => (id: string) => void reply(tree, TO, id, text)

  t.test('the answer alone goes to stdout', async (t) => {
    const done = await askAndEnd(shell, ['backend', 'Which', 'port?'], answer('8080, from config.ts.'))
    t.match(done, { code: 0, stdout: '8080, from config.ts.\n', stderr: LOOKS_ITSELF })
    t.ok(mailOf(tree, PERSON).includes(`done/${done.id}.reply.json`))
    t.equal(bodyOf(tree, TO, 'done', `${done.id}.query.json`), 'Which port?')
  })

  t.test('"-" reads the question from stdin, to its end and as it is', async (t) => {
    const question = `${'line of a long question, with Grüße\n'.repeat(3_000)}`
    const done = await askAndEnd(shell, ['backend', '-'], answer('ok'), question)
    t.match(done, { code: 0, stdout: 'ok\n' })
    t.equal(bodyOf(tree, TO, 'done', `${done.id}.query.json`), question)
  })

  t.test('--json prints the reply as one JSON value', async (t) => {
    const done = await askAndEnd(shell, ['backend', 'x', '--json'], answer('8080'))
    t.match(JSON.parse(done.stdout), {
      kind: 'reply',
      id: done.id,
      outcome: 'answered',
      body: '8080',
      from: TO,
    })
  })

  t.test('a question without an answer exits with 4 and leaves stdout empty', async (t) => {
    const end = (id: string) => {
      const query = JSON.parse(
        readFileSync(join(tree.root, `inbox/${TO}/new/${id}.query.json`), 'utf8'),
      ) as Message
      const outcome: Outcome = 'interrupted'
      publish(tree, {
        ...query,
        kind: 'reply',
        from: TO,
        to: query.from,
        in_reply_to: id,
        outcome,
        body: 'Esc.',
      })
    }
    t.match(await askAndEnd(shell, ['backend', 'x'], end), {
      code: 4,
      stdout: '',
      stderr: /interrupted.*Esc\./,
    })
    t.match(JSON.parse((await askAndEnd(shell, ['backend', 'x', '--json'], end)).stdout), {
      outcome: 'interrupted',
    })
  })

  t.test(
    'a question that is not answered in time exits with 3, names the id, and its answer can be shown later',
    async (t) => {
      const done = await askAndEnd(shell, ['backend', 'x', '--timeout', '1'], () => {})
      t.match(done, { code: 3, stdout: '', stderr: new RegExp(`repowire await ${done.id}`) })
      t.ok(mailOf(tree, PERSON).includes(`asks/${done.id}.late.json`))
      reply(tree, TO, done.id, 'at last')
      t.match(await repowire(['inbox']), { code: 0, stdout: /at last/ })
      t.match(await repowire(['show', done.id]), { code: 0, stdout: /at last/ })
      t.ok(mailOf(tree, PERSON).includes(`done/${done.id}.reply.json`))
      t.notMatch((await repowire(['inbox'])).stdout, done.id)
    },
  )

  t.test('Ctrl+C while it waits exits with 130 and takes the question back', async (t) => {
    const child = start(t, [...PROGRAM, 'ask', 'backend', 'x'], { env: shell.env })
    const before = new Set(mailOf(tree, TO))
    const end = ended(child)
    await until(() => mailOf(tree, TO).find((file) => file.startsWith('new/') && !before.has(file)))
    child.kill('SIGINT')
    t.match(await end, {
      code: 130,
      stdout: '',
      stderr: /The question to backend@laptop is withdrawn/,
    })
    await until(() => mailOf(tree, TO).some((file) => file.startsWith('dead/')))
    t.equal(mailOf(tree, PERSON).filter((file) => file.startsWith('asks/')).length, 0)
  })

  t.test('what cannot be asked exits with 1 and says why', async (t) => {
    enrol(t, shell, 'stale', { process: gone })
    const runs = await Promise.all(
      [
        ['bakend', 'x'],
        ['stale', 'x'],
        [PERSON, 'x'],
        ['backend', '-'],
      ].map((args) => repowire(['ask', ...args])),
    )
    t.match(runs[0], { code: 1, stdout: '', stderr: /Did you mean backend@laptop\?.*\[peer-unknown\]/ })
    t.match(runs[1], { code: 1, stdout: '', stderr: /\[peer-offline\]/ })
    t.match(runs[2], { code: 1, stdout: '', stderr: /\[peer-self\]/ })
    t.match(runs[3], { code: 2, stdout: '', stderr: /\[bad-input\]/ })
  })

  t.test('every --json parses, and what people read does not fail', async (t) => {
    const id = mailOf(tree, TO)[0]?.split('/')[1]?.slice(0, 28) ?? ''
    const commands = [
      ['peers'],
      ['inbox'],
      ['inbox', 'backend'],
      ['show', id],
      ['status'],
      ['daemon', 'status'],
      ['notify', 'backend', 'x'],
      ['broadcast', 'x'],
    ]
    await Promise.all(
      commands.map(async (args) => {
        const [plain, json] = await Promise.all([repowire(args), repowire([...args, '--json'])])
        t.match(plain, { code: 0, stdout: /\S/, stderr: '' }, args.join(' '))
        t.match(json, { code: 0, stderr: '' }, args.join(' '))
        t.type(JSON.parse(json.stdout), 'object', args.join(' '))
      }),
    )
    const log = await repowire(['log', '--json'])
    const events = log.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event)
    for (const event of ['registered', 'asked', 'replied', 'ended', 'consumed', 'notified'])
      t.ok(events.includes(event), event)
    t.equal((await repowire(['log'])).stdout.trim().split('\n').length >= events.length, true)
  })

  t.test('a long answer passes whole through a pipe that is read slowly', async (t) => {
    const long = `${'0123456789abcde\n'.repeat(15_000)}end`
    const it = message({
      id: '20261122t094012500z-00000000',
      kind: 'notice',
      to: PERSON,
      from: TO,
      body: long,
    })
    publish(tree, it)
    const reader =
      'const fs = require("fs"); let n = 0; const b = Buffer.alloc(1000); for (let k; (k = fs.readSync(0, b)) > 0; n += k) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); console.log(n)'
    const script = '"$1" "$2" show "$4" --json | "$1" -e "$3"'
    const { stdout } = await run(t, ['sh', '-c', script, 'sh', ...PROGRAM, reader, it.id], { env: shell.env })
    const whole = await repowire(['show', it.id, '--json'])
    t.ok(JSON.parse(whole.stdout)[0].message.body === long, 'to a reader that is quick')
    t.ok(Number(stdout) > long.length, `${stdout.trim()} of more than ${long.length} bytes`)
  })

  t.test('the texts of peers do not act on the terminal', async (t) => {
    const done = await askAndEnd(shell, ['backend', 'x'], answer('a\x1b[2Jb\x07\r\nc'))
    t.equal(done.stdout, 'a[2Jb\nc\n')
  })

  t.test('when the peer ends, whoever waits hears that it is gone', async (t) => {
    const done = await askAndEnd(shell, ['backend', 'x'], () => void settle(tree, peer))
    t.match(done, { code: 4, stdout: '', stderr: /gone/ })
  })
})

t.test("inside an agent's process tree the command line speaks as that agent", async (t) => {
  const shell = makeShell(t)
  const { tree, repowire } = shell
  enrol(t, shell, 'frontend', { process: here })
  enrol(t, shell, 'backend')
  const sent = await repowire(['notify', 'backend', 'x', '--json'])
  const { id } = JSON.parse(sent.stdout)
  t.match(JSON.parse((await repowire(['inbox', 'backend', '--json'])).stdout), {
    letters: [{ message: { id, from: 'frontend@laptop' } }],
  })
  t.strictSame(
    listCards(tree).map(({ agent }) => agent),
    ['other', 'other'],
    'and no person is registered',
  )
  t.match(await repowire(['ask', 'frontend', 'x']), { code: 1, stderr: /\[peer-self\]/ })
})

const courierOf = (tree: World['tree']) => {
  const file = join(tree.state, 'courier.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).process : undefined
}

t.test('the daemon', async (t) => {
  const shell = makeShell(t)
  const { tree, repowire } = shell

  t.test('is not there before it is started', async (t) => {
    t.match(await repowire(['daemon', 'status']), { code: 5, stdout: /No courier is running/ })
    t.match(await repowire(['daemon', 'status', '--json']), { code: 5, stdout: 'null\n' })
    t.match(await repowire(['daemon', 'stop']), { code: 0, stdout: /No courier was running/ })
  })

  t.test('started by several at once it is one', async (t) => {
    const runs = await Promise.all([1, 2, 3].map(() => repowire(['daemon', 'start'])))
    const { pid } = courierOf(tree)
    for (const done of runs) t.match(done, { code: 0, stdout: new RegExp(`pid ${pid},`), stderr: '' })
    t.match(JSON.parse((await repowire(['daemon', 'status', '--json'])).stdout), { process: { pid } })
  })

  t.test('started again it is the same one', async (t) => {
    const before = courierOf(tree)
    t.match(await repowire(['daemon', 'start']), { code: 0 })
    t.strictSame(courierOf(tree), before)
    t.match(await repowire(['daemon', 'run']), { code: 0, stderr: /running already/ })
    t.strictSame(courierOf(tree), before)
    t.equal(liveness(before), 'alive')
  })

  t.test('stopped it is gone, with its file', async (t) => {
    const before = courierOf(tree)
    t.match(await repowire(['daemon', 'stop']), { code: 0, stdout: /has stopped/ })
    t.equal(liveness(before), 'dead')
    t.equal(courierOf(tree), undefined)
    t.equal((await repowire(['daemon', 'status'])).code, 5)
  })

  t.test('killed with -9 it can be started again, whatever it left', async (t) => {
    await repowire(['daemon', 'start'])
    const before = courierOf(tree)
    process.kill(before.pid, 'SIGKILL')
    await until(() => liveness(before) === 'dead')
    t.strictSame(courierOf(tree), before, 'its file is still there')
    t.equal((await repowire(['daemon', 'status'])).code, 5)
    t.match(await repowire(['daemon', 'start']), { code: 0 })
    t.equal(liveness(courierOf(tree)), 'alive')
    t.not(courierOf(tree).pid, before.pid)
    await repowire(['daemon', 'stop'])
  })

  t.test('a courier.json that cannot be read is no courier', async (t) => {
    writeFileSync(join(tree.state, 'courier.json'), '{"process"')
    t.equal((await repowire(['daemon', 'status'])).code, 5)
    t.match(await repowire(['daemon', 'start']), { code: 0 })
    t.equal(liveness(courierOf(tree)), 'alive')
    await repowire(['daemon', 'stop'])
  })

  t.test('a courier whose file is gone ends by itself, and another can run', async (t) => {
    await repowire(['daemon', 'start'])
    const before = courierOf(tree)
    rmSync(join(tree.state, 'courier.json'))
    t.match(await repowire(['daemon', 'start']), { code: 0 })
    t.not(courierOf(tree).pid, before.pid)
    enrol(t, shell, 'backend') // it looks at its file when something happens, or a while later
    await until(() => liveness(before) === 'dead')
    await repowire(['daemon', 'stop'])
  })
})

t.test(
  'a courier is no descendant of the process that started it, and knows little of its environment',
  async (t) => {
    const shell = makeShell(t)
    const { tree } = shell
    enrol(t, shell, 'backend')
    const env = {
      ...shell.env,
      SECRET: 'x',
      CLAUDE_PID: '1',
      TMUX: '/tmp/s,1,0',
      TMUX_PANE: '%1',
      NODE_OPTIONS: '',
    }
    const starter = start(t, [...PROGRAM, 'ask', 'backend', 'x'], { env, cwd: shell.dir })
    const { pid } = await until(() => courierOf(tree))
    const ancestors = ancestryOf(pid)
    t.notOk(ancestors.includes(starter.pid as number), 'not of its starter, which lives')
    t.notOk(ancestors.includes(process.pid), 'nor of the one before it')
    t.equal(starter.exitCode, null)
    const columns = execFileSync('ps', ['-o', 'sid=,pgid=,tty=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/)
    const own = execFileSync('ps', ['-o', 'sid=', '-p', String(process.pid)], { encoding: 'utf8' }).trim()
    t.not(columns[0], own, 'it has a session of its own')
    t.match(columns[2], /^\?+$/, 'and no terminal')
    if (process.platform === 'linux') {
      const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .map((entry) => entry.split('=')[0])
      for (const name of ['SECRET', 'CLAUDE_PID', 'TMUX', 'TMUX_PANE', 'NODE_OPTIONS'])
        t.notOk(names.includes(name), name)
      t.ok(names.length < 16, names.join())
    }
  },
)

t.test(
  'a courier that is started by a question ends what is over: a dead peer, an expired one',
  async (t) => {
    const shell = makeShell(t)
    const { tree } = shell
    const peer = enrol(t, shell, 'stale', { process: gone })
    lay(tree, 'open', { to: peer.address })
    await shell.repowire(['daemon', 'start'])
    await until(() => mailOf(tree, peer.address).includes(`dead/${Q}.query.json`))
    t.match(JSON.parse(readFileSync(join(tree.root, `inbox/frontend@laptop/new/${Q}.reply.json`), 'utf8')), {
      outcome: 'gone',
    })
    t.ok(filesIn(tree.root).length > 0)
  },
)
