// A peer is renamed while one of its hooks runs: what the hook has seen, or answers, counts under the new name.
// mailbox-spec §5.2

import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { enterOffice } from '../../src/courier/courier-file.ts'
import type { Card, ProcessMark } from '../../src/protocol/card.ts'
import { frameText } from '../../src/protocol/frame.ts'
import { readGrant } from '../../src/spool/grants.ts'
import { markOf } from '../../src/spool/process.ts'
import { runHook } from '../../src/surfaces/hook/run.ts'
import { rename } from '../../src/verbs/rename.ts'
import { enrol, framed, lay, mailOf, makeWorld, message, mockFs, Q, read } from '../world.ts'

const FORMER = 'backend@laptop'

/** A peer whose hooks this test runs: its process is the one above this test. */
function client(t: Test) {
  const world = makeWorld(t)
  enterOffice(world.tree) // or the hook would start a courier
  const peer = enrol(t, world, 'backend', { process: markOf(process.ppid) as ProcessMark })
  const transcript_path = join(world.dir, 'transcript.jsonl')
  writeFileSync(transcript_path, '')
  const env = { ...world.env, CLAUDE_PID: String(process.ppid), CLAUDE_CODE_ENTRYPOINT: 'cli' }
  const hook = (hook_event_name: string, more: object = {}) =>
    runHook({ hook_event_name, transcript_path, cwd: peer.directory, ...more }, env)
  const transcribe = (line: object) => appendFileSync(transcript_path, `${JSON.stringify(line)}\n`)
  return { ...world, peer, hook, transcribe }
}

/** The peer is renamed at the moment when the hook is about to move a file to this state. */
function renameBefore(t: Test, tree: Parameters<typeof rename>[0], peer: Card, state: string): void {
  mockFs(t, 'renameSync', (real, restore) => (from: string, to: string) => {
    if (!to.includes(`${FORMER}/${state}/`)) return real(from, to)
    restore()
    rename(tree, peer, 'api')
    return real(from, to)
  })
}

const prompt = frameText(framed(message()))

t.test('a question that the prompt hook is about to give is given under the new name', async (t) => {
  const { tree, peer, hook } = client(t)
  lay(tree, 'cur')
  renameBefore(t, tree, peer, 'open')
  hook('UserPromptSubmit', { prompt })
  t.strictSame(mailOf(tree, 'api@laptop'), [`open/${Q}.query.json`])
  t.match(readGrant(tree, Q), { alone: true })
})

t.test('a notice that a hook is about to finish is finished under the new name', async (t) => {
  const { tree, peer, hook } = client(t)
  const file = lay(tree, 'cur', { kind: 'notice' })
  renameBefore(t, tree, peer, 'done')
  hook('UserPromptSubmit', { prompt: frameText(framed(message({ kind: 'notice' }))) })
  t.strictSame(mailOf(tree, 'api@laptop'), [`done/${file}`])
})

t.test('a question that the Stop hook is about to close is answered once, and closed', async (t) => {
  const { tree, peer, hook, transcribe } = client(t)
  lay(tree, 'cur')
  hook('UserPromptSubmit', { prompt })
  transcribe({ type: 'user', promptSource: 'typed', message: { role: 'user', content: prompt } })
  const content = [{ type: 'text', text: '8080' }]
  transcribe({ type: 'assistant', message: { id: 'm', role: 'assistant', content } })
  renameBefore(t, tree, peer, 'done')
  t.equal(hook('Stop', { last_assistant_message: '8080' }), undefined, 'nothing is owed')
  t.strictSame(mailOf(tree, 'api@laptop'), [`done/${Q}.query.json`])
  t.match(read(tree, 'frontend@laptop', 'new', `${Q}.reply.json`), { outcome: 'answered', body: '8080' })
  t.equal(readGrant(tree, Q), undefined)
})
