// What a hook costs its client: one process per event, over `node -e 0`, each started right beside the other.

import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startCourier } from './courier.mjs'
import { median, medianDifference, signed, spread } from './numbers.mjs'

const WARM_UP = 3
const ROUNDS = 45
const ANSWER = 'It listens on 8080, from server/config.ts.'

export async function hook(workshop) {
  const stage = await setStage(workshop)
  const bare = join(stage.home.dir, 'bare.cjs')
  writeFileSync(bare, "require('fs').readFileSync(0)\n")
  const file = workshop.dist('hook.cjs')
  const variants = {
    bare: { file: bare, payload: () => stage.payload('Stop', stop('Done.')) },
    stop: { file, payload: () => stage.payload('Stop', stop('Done.')) },
    prompt: {
      file,
      payload: () => stage.payload('UserPromptSubmit', { prompt: 'Please look at the tests.' }),
    },
    answer: {
      file,
      payload: () => stage.payload('Stop', stop(ANSWER)),
      before: stage.giveQuestion,
      after: stage.takeAnswer,
    },
  }
  const pairs = Object.fromEntries(Object.keys(variants).map((name) => [name, { base: [], own: [] }]))
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [name, variant] of Object.entries(variants)) {
      const pair = measurePair(stage, variant, round % 2 === 0)
      if (round < 0) continue
      pairs[name].base.push(pair.base)
      pairs[name].own.push(pair.own)
    }
  }
  stage.check()
  const empty = `an empty CommonJS file that reads stdin: ${signed(medianDifference(pairs.bare.own, pairs.bare.base))} ms`
  return [
    lineOf('Stop hook, nothing to do', pairs.stop, 5, [empty]),
    lineOf('UserPromptSubmit hook, nothing to do', pairs.prompt, 5),
    lineOf('Stop hook with an answer', pairs.answer),
  ]
}

function lineOf(what, { base, own }, aim, notes = []) {
  const over = medianDifference(own, base)
  return {
    what,
    n: own.length,
    ...spread(own),
    unit: 'ms',
    floor: { what: 'node -e 0', p50: median(base) },
    over: `${signed(over)} ms`,
    difference: over,
    aim: aim === undefined ? 'reported apart' : `≤ +${aim} ms`,
    met: aim === undefined ? undefined : over <= aim,
    notes,
  }
}

/** The order changes from round to round: the second of two is not always the warmer one. */
function measurePair(stage, { file, payload, before, after }, baseFirst) {
  before?.()
  const input = payload()
  const base = () => time(['-e', '0'], stage.env, input)
  const own = () => time([file], stage.env, input)
  const [first, second] = baseFirst ? [base(), own()] : [own(), base()]
  after?.()
  return baseFirst ? { base: first, own: second } : { base: second, own: first }
}

function time(args, env, input) {
  const start = process.hrtime.bigint()
  const { status } = spawnSync(process.execPath, args, { env, input })
  if (status !== 0) throw new Error(`node ${args[0]} exited ${status}`)
  return Number(process.hrtime.bigint() - start) / 1e6
}

function stop(text) {
  return {
    effort: { level: 'medium' },
    stop_hook_active: false,
    last_assistant_message: text,
    background_tasks: [],
    session_crons: [],
  }
}

/** This process is the session with an empty mailbox: a hook obeys only whom it descends from. One that sleeps asks it. */
async function setStage(workshop) {
  const home = workshop.home('hook')
  const verbs = await workshop.load(import.meta.resolve('./verbs.ts'))
  const tree = verbs.openTree(home.env)
  const [directory, desk] = ['backend', 'frontend'].map((name) => join(home.dir, name))
  for (const dir of [directory, desk]) mkdirSync(dir)
  const transcript = join(home.dir, 'transcript.jsonl')
  const sleeper = workshop.start(['sleep', '600'])
  const courier = await startCourier(workshop, home) // a hook that finds none starts one
  const card = verbs.register(tree, { agent: 'claude-code', process: verbs.markOf(process.pid), directory })
  const asker = verbs.register(tree, { agent: 'other', process: verbs.markOf(sleeper.pid), directory: desk })
  let last

  const payload = (event, more) => {
    const session_id = '649c2f0e-5d0e-4c0f-9f0c-0f2f1c1b7a10'
    const common = { session_id, transcript_path: transcript, cwd: directory, hook_event_name: event }
    return JSON.stringify({ ...common, prompt_id: '8b2e', permission_mode: 'auto', ...more })
  }
  const giveQuestion = () => {
    const question = { peer: card.address, body: 'Which port does the server listen on?' }
    last = verbs.ask(tree, asker.address, asker.process, question).id
    const mail = { id: last, kind: 'query', file: verbs.fileName(last, 'query') }
    const prompt = verbs.frameText(verbs.frameFor(tree, verbs.read(tree, card.address, 'new', mail).message))
    verbs.claim(tree, card.address, mail.file)
    verbs.given(tree, card, { text: prompt, transcript, hook: 'prompt' })
    appendFileSync(transcript, turnLines(last, prompt))
  }
  const takeAnswer = () => {
    const file = verbs.fileName(last, 'reply')
    if (!verbs.claim(tree, asker.address, file)) throw new Error('the Stop hook published no answer')
    verbs.handOver(tree, asker, last, 'bench')
  }
  const check = () => {
    const log = join(home.env.REPOWIRE_STATE, 'hook.log')
    if (existsSync(log)) throw new Error(`the hook complained: ${readFileSync(log, 'utf8')}`)
    sleeper.kill()
    courier.kill('SIGTERM')
  }
  const env = { ...home.env, CLAUDE_PID: String(process.pid), ...attended(directory) }
  return { home, env, payload, giveQuestion, takeAnswer, check }
}

function attended(directory) {
  const session = { CLAUDE_CODE_ENTRYPOINT: 'cli', CLAUDE_CODE_SESSION_ATTENDED: '1' }
  return { CLAUDECODE: '1', ...session, CLAUDE_PROJECT_DIR: directory }
}

function turnLines(id, prompt) {
  const user = { type: 'user', message: { role: 'user', content: prompt }, promptSource: 'typed' }
  const content = [{ type: 'text', text: ANSWER }]
  const assistant = { type: 'assistant', message: { id: `msg_${id}`, role: 'assistant', content } }
  return `${JSON.stringify(user)}\n${JSON.stringify(assistant)}\n`
}
