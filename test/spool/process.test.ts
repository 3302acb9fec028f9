import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { ProcessMark } from '../../src/protocol/card.ts'
import {
  ancestryOf,
  fromPs,
  liveness,
  markOf,
  parentOf,
  readsItsTerminal,
  terminalOf,
} from '../../src/spool/process.ts'
import { ended, gone, here, plainEnv, start, startProcess, until } from '../world.ts'

const LINUX = process.platform === 'linux'

function stateOf(pid: number): string {
  return fieldOf(pid, 'stat')
}

function fieldOf(pid: number, field: 'stat' | 'comm'): string {
  return execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8' }).trim()
}

/** Seconds since 1970 at which the kernel says that this process began. */
function startedBy(proc: string): number {
  const hertz = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  const boot = Number(readFileSync('/proc/stat', 'utf8').match(/^btime (\d+)$/m)?.[1])
  return boot + Number(proc) / hertz
}

for (const whose of ['this process', 'a child']) {
  t.test(`ps says of ${whose} what /proc says`, { skip: !LINUX }, async (t) => {
    const pid = whose === 'a child' ? startProcess(t).pid : process.pid
    const row = fromPs(pid)
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [, parent, group, , terminal, foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    t.match(row?.state, /^[RSD]/)
    t.equal(row?.parent, Number(parent))
    t.equal(row?.parent, parentOf(pid))
    t.equal(row?.group, Number(group))
    t.equal(row?.foreground, Number(foreground))
    t.equal(row?.terminal === '', terminal === '0', 'both know whether it has a terminal')
    const [byPs, byProc] = [Date.parse(`${row?.start} UTC`) / 1000, startedBy(markOf(pid)?.start ?? '')]
    t.ok(Math.abs(byPs - byProc) <= 1, `${byPs} and ${byProc} are the same second, but for rounding`)
  })
}

t.test('ps tells nothing of a process that is not there', async (t) => {
  const child = startProcess(t)
  await child.end()
  t.equal(fromPs(child.pid), undefined)
})

t.test('a mark has four parts, and stays as it is', async (t) => {
  t.match(here, { pid: process.pid, start: /\S/, boot: /\S/ })
  t.strictSame(markOf(process.pid), here)
  if (LINUX) t.match(here.pid_namespace, /^pid:\[\d+\]$/)
})

t.test('a process lives until it has ended', async (t) => {
  const child = startProcess(t)
  t.equal(liveness(child.mark), 'alive')
  await child.end()
  t.equal(liveness(child.mark), 'dead')
  t.equal(markOf(child.pid), undefined)
})

t.test('a mark with another start is dead: the pid belongs to somebody else now', async (t) => {
  t.equal(liveness(gone), 'dead')
  const child = startProcess(t)
  t.equal(liveness({ ...child.mark, start: `${child.mark.start}0` }), 'dead')
})

t.test('a mark of another boot is dead, even where pid and start fit', async (t) => {
  t.equal(liveness({ ...here, boot: '00000000-0000-0000-0000-000000000000' }), 'dead')
})

t.test(
  'a mark of another pid namespace is not known: it cannot be seen from here',
  { skip: !LINUX },
  async (t) => {
    t.equal(liveness({ ...here, pid_namespace: 'pid:[1]' }), 'unknown')
  },
)

t.test('a stopped process lives', async (t) => {
  const child = startProcess(t)
  process.kill(child.pid, 'SIGSTOP')
  await until(() => stateOf(child.pid).startsWith('T'))
  t.equal(liveness(child.mark), 'alive')
  t.notOk(readsItsTerminal(child.pid))
})

/** A process whose parent will never ask how it ended. */
async function startNeglected(t: Test): Promise<{ pid: number; parent: ChildProcess }> {
  const parent = start(t, ['sh', '-c', 'sleep 1000 & echo $!; exec sleep 1000'])
  const [text] = (await once(parent.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  t.teardown(() => process.kill(Number(text), 'SIGKILL'))
  // A shell may still ask; sleep never does.
  await until(() => fieldOf(parent.pid as number, 'comm') === 'sleep')
  return { pid: Number(text), parent }
}

t.test('a zombie is dead', async (t) => {
  const { pid } = await startNeglected(t)
  const mark = markOf(pid) as ProcessMark
  t.equal(liveness(mark), 'alive')
  process.kill(pid, 'SIGKILL')
  await until(() => stateOf(pid).startsWith('Z'))
  t.equal(liveness(mark), 'dead')
  t.equal(markOf(pid), undefined)
})

t.test('a program whose name is made to confuse is read as it is', { skip: !LINUX }, async (t) => {
  const script = `process.title = 'a) Z 1 1 1 (b'; process.stdout.write('set'); process.stdin.resume()`
  const child = start(t, [process.execPath, '-e', script], { env: plainEnv() })
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  t.match(readFileSync(`/proc/${child.pid}/stat`, 'utf8'), '(a) Z 1 1 1 (b)')
  t.equal(parentOf(child.pid as number), process.pid)
  t.equal(liveness(markOf(child.pid as number) ?? gone), 'alive')
})

t.test('the ancestry of a process goes from it to the first process, each once', async (t) => {
  const { pid, parent } = await startNeglected(t)
  const line = ancestryOf(pid)
  t.strictSame(line.slice(0, 3), [pid, parent.pid, process.pid])
  t.equal(new Set(line).size, line.length)
  t.equal(parentOf(line.at(-1) as number) ?? 0, 0)
  t.strictSame(ancestryOf(2 ** 30), [2 ** 30], 'a process that is not there has none')
})

t.test('a process without a terminal reads none', async (t) => {
  const child = spawn('cat', { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  t.teardown(() => child.kill('SIGKILL'))
  t.equal(terminalOf(child.pid as number), '')
  t.notOk(readsItsTerminal(child.pid as number))
})

t.test('who reads a terminal changes with its foreground job', async (t) => {
  // script(1) gives a terminal; the shell with job control gives each job a group of its own.
  const shell = 'set -m; cat </dev/null >/dev/null; sleep 1000 & echo "job $! shell $$"; read line'
  const command = LINUX
    ? ['script', '-qec', `bash -c '${shell}'`, '/dev/null']
    : ['script', '-q', '/dev/null', 'bash', '-c', shell]
  const child = start(t, command)
  const seen = ended(child)
  let text = ''
  child.stdout?.on('data', (part: Buffer) => {
    text += part
  })
  await until(() => /job \d+ shell \d+\s/.test(text))
  const [, job, own] = (text.match(/job (\d+) shell (\d+)/) ?? []).map(Number) as [number, number, number]
  t.not(terminalOf(own), '')
  t.equal(terminalOf(job), terminalOf(own), 'both have the same terminal')
  t.ok(readsItsTerminal(own), 'the shell is in front')
  t.notOk(readsItsTerminal(job), 'its background job is not')
  process.kill(job, 'SIGKILL')
  child.stdin?.end('x\n')
  await seen
})
