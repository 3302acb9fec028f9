// A courier that stays, as a service manager starts it, and those that are started on demand: one office.

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { announce, type CourierFile, livingCourier, startingCourier } from '../../src/courier/courier-file.ts'
import { runCourier } from '../../src/courier/run.ts'
import { liveness } from '../../src/spool/process.ts'
import {
  ended,
  enrol,
  filesIn,
  gone,
  lay,
  mailOf,
  makeWorld,
  Q,
  ROOT,
  type Run,
  run,
  start,
  startProcess,
  until,
} from '../world.ts'
import { makeShell, PROGRAM, type Shell } from './shell.ts'

/** What the service manager starts, and how that ends. */
function manage(t: Test, { env }: Shell, program = PROGRAM[1] as string): Promise<Run> {
  return ended(start(t, [process.execPath, program, 'daemon', 'run', '--stay'], { env, cwd: '/' }))
}

const staying = ({ tree }: Shell) =>
  until(() => {
    const courier = livingCourier(tree)
    return courier?.stay === true ? courier : undefined
  })

/** A program of its own, which another build may take the place of. */
function installed({ dir }: Shell): string {
  const copy = join(dir, 'dist')
  cpSync(join(ROOT, 'dist'), copy, { recursive: true })
  return join(copy, 'repowire.js')
}

/** What an upgrade does: another build in the same place. */
function upgrade({ build }: CourierFile, program: string): void {
  const dir = join(program, '..')
  for (const file of readdirSync(dir).filter((name) => name.endsWith('js'))) {
    const text = readFileSync(join(dir, file), 'utf8')
    writeFileSync(join(dir, file), text.replaceAll(build, `${build.slice(1)}x`))
  }
}

t.test('a start on demand leaves the one that stays', async (t) => {
  const shell = makeShell(t)
  const over = manage(t, shell)
  const { process } = await staying(shell)
  t.match(await shell.repowire(['daemon', 'start']), { code: 0, stdout: new RegExp(`pid ${process.pid},`) })
  t.match(await shell.repowire(['daemon', 'run']), { code: 0, stderr: /running already/ })
  t.strictSame(livingCourier(shell.tree)?.process, process)
  await shell.repowire(['daemon', 'stop'])
  t.match(await over, { code: 0 }, 'stopped on purpose it ends well, and is not started again')
})

t.test('one that stays takes the place of one that was started on demand', async (t) => {
  const shell = makeShell(t)
  await shell.repowire(['daemon', 'start'])
  const before = livingCourier(shell.tree)?.process.pid
  const over = manage(t, shell)
  const { process } = await staying(shell)
  t.not(process.pid, before)
  t.match(await manage(t, shell), { code: 0, stderr: /running already/ }, 'and a second one does not')
  t.strictSame(livingCourier(shell.tree)?.process, process)
  await shell.repowire(['daemon', 'stop'])
  await over
  const { stdout } = await shell.repowire(['daemon', 'logs', '--json'])
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.strictSame(
    lines.map(({ code, pid }) => [code, pid]),
    [
      ['started', before],
      ['replaced', before],
      ['stopped', before],
      ['started', process.pid],
      ['stopped', process.pid],
    ],
  )
})

t.test('after an upgrade in its place it ends so that its manager starts the new build', async (t) => {
  const shell = makeShell(t)
  const program = installed(shell)
  const over = manage(t, shell, program)
  const old = await staying(shell)
  upgrade(old, program)
  const demand = [process.execPath, program, 'daemon', 'start']
  t.match(await run(t, demand, { env: shell.env, cwd: shell.dir }), { code: 0 })
  t.match(await over, { code: 75 })
  const between = await until(() => livingCourier(shell.tree))
  t.match(between, { build: `${old.build.slice(1)}x`, stay: undefined })

  void manage(t, shell, program) // as Restart=on-failure and KeepAlive do
  const now = await staying(shell)
  t.equal(now.build, between.build)
  t.not(now.process.pid, between.process.pid)
  await run(t, [process.execPath, program, 'daemon', 'stop'], { env: shell.env })
})

t.test('a newer version elsewhere takes its place for good', async (t) => {
  const shell = makeShell(t)
  const over = manage(t, shell)
  const old = await staying(shell)
  const program = installed(shell)
  upgrade(old, program)
  for (const file of readdirSync(join(program, '..')).filter((name) => name.endsWith('js'))) {
    const path = join(program, '..', file)
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(`\`${old.version}\``, '`99.0.0`'))
  }
  await run(t, [process.execPath, program, 'daemon', 'start'], { env: shell.env, cwd: shell.dir })
  t.match(await over, { code: 0 }, 'its manager does not start it again')
  const newer = await until(() => livingCourier(shell.tree))
  t.match(newer, { version: '99.0.0', program })
  t.match(
    await manage(t, shell),
    { code: 0, stderr: /running already/ },
    'nor does it come back at the next login',
  )
  t.strictSame(livingCourier(shell.tree)?.process, newer.process)
})

for (const stay of [false, true]) {
  t.test(
    `after ten minutes without an agent a courier ${stay ? 'that stays is there' : 'goes'}`,
    async (t) => {
      const world = makeWorld(t)
      const { now } = performance
      let passed = 0
      performance.now = () => now.call(performance) + passed
      t.teardown(() => {
        performance.now = now
      })
      const end = new AbortController()
      const over = runCourier(world.tree, end.signal, { stay, by: 'test' })
      await until(() => livingCourier(world.tree))
      passed = 600_000
      lay(world.tree, 'open', { to: enrol(t, world, 'stale', { process: gone }).address })
      let left = false
      void over.then(() => {
        left = true
      })
      // It counts from its first pass, which may come after the hands were put forward.
      const later = () => {
        passed += 600_000
        return left
      }
      if (!stay) await until(later)
      if (stay) {
        await until(() => mailOf(world.tree, 'stale@laptop').includes(`dead/${Q}.query.json`))
        t.ok(livingCourier(world.tree), 'it has looked, and is still there')
        end.abort('SIGTERM')
      }
      t.equal(await over, true)
      t.equal(end.signal.aborted, stay)
    },
  )
}

t.test('a stop ends also the one that is only just starting', async (t) => {
  const shell = makeShell(t)
  enrol(t, shell, 'backend')
  await shell.repowire(['notify', 'backend', 'hello'])
  t.match(await shell.repowire(['daemon', 'stop', '--json']), { code: 0, stdout: /"stopped": true/ })
  const starting = startProcess(t)
  announce(shell.tree, starting.mark)
  t.match(await shell.repowire(['daemon', 'stop', '--json']), { code: 0, stdout: /"stopped": true/ })
  t.equal(liveness(starting.mark), 'dead')
  t.match(await shell.repowire(['daemon', 'stop', '--json']), { code: 0, stdout: /"stopped": false/ })
  t.notOk(filesIn(shell.tree.state).some((name) => /courier\.(json|starting)/.test(name)))
})

t.test('while one is starting no other is started', async (t) => {
  const shell = makeShell(t)
  enrol(t, shell, 'backend')
  const starting = startProcess(t)
  announce(shell.tree, starting.mark)
  await shell.repowire(['notify', 'backend', 'hello'])
  t.equal(startingCourier(shell.tree)?.pid, starting.pid)
  await starting.end()
  await shell.repowire(['notify', 'backend', 'hello'])
  await until(() => livingCourier(shell.tree))
  await until(() => startingCourier(shell.tree) === undefined)
})
