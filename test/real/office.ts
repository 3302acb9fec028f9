// Real sessions of the real client, set up by `repowire setup` and nothing else, with a scripted model behind them.
// A prompt `ASK peer: question` makes the model call ask_peer; a peer's question is answered by `answer`.
import { execFile, execFileSync } from 'node:child_process'
import { type FileHandle, mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { locateTree } from '../../src/spool/tree.ts'
import { eventually } from './eventually.ts'
import { type Block, type Model, type Reply, startModel, type Turn } from './model.ts'
import { type Home, makeHome } from './sandbox.ts'
import { type ClaudeSession, type StartOptions, startClaude } from './session.ts'
import { startTmux, type Tmux } from './tmux.ts'

const PROGRAM = fileURLToPath(new URL('../../dist/repowire.js', import.meta.url))

export interface Ran {
  code: number
  stdout: string
  stderr: string
}

interface JournalLine {
  event: string
  id?: string
  peer: string
  [more: string]: unknown
}

export interface Office {
  home: Home
  tmux: Tmux
  model: Model
  /** What the model of the asked session says to a peer's question; the text holds the whole prompt. */
  answer: (question: string, turn: Turn) => Reply | Promise<Reply>
  /** What the model says to any other prompt; undefined leaves it to the office. */
  other: (turn: Turn) => Reply | Promise<Reply> | undefined
  /** Starts a session in a project of this name and waits until it is registered. */
  hire(name: string, options?: Partial<StartOptions>): Promise<ClaudeSession>
  /** The directory of this project, made and trusted when it is new. */
  project(name: string): Promise<string>
  repowire(...args: string[]): Promise<Ran>
  /** Files of a mailbox, as `state/id.kind.json`. */
  mail(peer: string): Promise<string[]>
  /** The first file of that mailbox that matches. */
  waitMail(peer: string, pattern: RegExp, within?: number): Promise<string>
  read(peer: string, file: string): Promise<Record<string, string>>
  journal(): Promise<JournalLine[]>
  waitJournal(
    what: string,
    match: (line: JournalLine, at: number) => boolean,
    within?: number,
  ): Promise<JournalLine>
  /** Waits until a prompt with this text stands in the queue of a busy session, by the session's own record: the screen shows it earlier. */
  waitQueued(session: ClaudeSession, text: string): Promise<unknown>
  /** The prompts of this session that its model was asked with, newest last. */
  prompts(session: ClaudeSession): Promise<string[]>
  close(): Promise<void>
}

type OfficeOptions = {
  /** By what the courier may hand messages over (config.json); both where nothing is said. */
  doors?: string[]
  /** As in config.json; its default where nothing is said. */
  turns_per_hour?: number
  /** Its tmux server writes a log. */
  logged?: boolean
  /** What this machine is called in addresses; its own name where nothing is said. */
  host?: string
}

export async function openOffice({ logged, host, ...config }: OfficeOptions = {}): Promise<Office> {
  const home = await makeHome()
  const tmux = await startTmux({ logged })
  const model = await startModel((turn) => speak(office, turn))
  const root = join(home.dir, '.repowire')
  const inbox = async (peer: string) => join(root, 'inbox', await addressOf(root, peer))
  const journal = () => readJournal(home)
  const mail = async (peer: string) => (await listMail(await inbox(peer))).sort()
  const projects = new Map<string, Promise<string>>()
  const office: Office = {
    home,
    tmux,
    model,
    answer: () => [{ text: 'An answer.' }],
    other: () => undefined,
    hire: (name, options) => hire(office, root, name, options),
    project: (name) => projects.get(name) ?? remember(projects, name, home.makeProject(name)),
    repowire: (...args) => run(args, home.env(model.url)),
    mail,
    waitMail: (peer, pattern, within) =>
      eventually(
        `${pattern} in the mailbox of ${peer}`,
        async () => (await mail(peer)).find((file) => pattern.test(file)),
        {
          within,
          lastSeen: async () =>
            `${(await mail(peer)).join('\n')}\n${JSON.stringify(await journal(), null, 1)}`,
        },
      ),
    read: async (peer, file) => JSON.parse(await readFile(join(await inbox(peer), file), 'utf8')),
    journal,
    waitJournal: (what, match, within) =>
      eventually(what, async () => (await journal()).find(match), {
        within,
        lastSeen: async () => JSON.stringify(await journal(), null, 1),
      }),
    waitQueued: (session, text) =>
      eventually(`"${text}" in the queue`, async () => isQueued(await recordOf(home, session), text), {
        lastSeen: () => session.screen(),
      }),
    prompts: async (session) => {
      const id = (await session.status())?.sessionId
      return model.requests
        .filter((request) => !request.side && request.sessionId === id)
        .map((request) => request.lastUserText)
    },
    close: async () => {
      await run(['daemon', 'stop'], home.env(model.url))
      await tmux.stop()
      await model.close()
      await home.remove()
    },
  }
  if (host !== undefined) await callHost(home, host)
  await must(run(['setup', '--yes'], home.env(model.url)))
  if (Object.keys(config).length > 0) {
    await mkdir(root, { recursive: true, mode: 0o700 })
    await writeFile(join(root, 'config.json'), JSON.stringify(config), { mode: 0o600 })
  }
  return office
}

/** The label that the first command finds instead of making one. */
async function callHost({ dir }: Home, label: string): Promise<void> {
  const { state } = locateTree({ HOME: dir })
  await mkdir(state, { recursive: true, mode: 0o700 })
  await writeFile(join(state, 'host.json'), JSON.stringify({ label, host_id: '0'.repeat(32) }), {
    mode: 0o600,
  })
}

function remember<T>(map: Map<string, T>, name: string, value: T): T {
  map.set(name, value)
  return value
}

async function hire(
  office: Office,
  root: string,
  name: string,
  options: Partial<StartOptions> = {},
): Promise<ClaudeSession> {
  const cwd = await office.project(name)
  const session = await startClaude({
    home: office.home,
    cwd,
    model: office.model,
    tmux: office.tmux,
    ...options,
  })
  await eventually(`the card of ${name}`, async () =>
    (await cardText(root, name)).includes(`"pid":${session.pid},`),
  )
  return session
}

function speak(office: Office, turn: Turn): Reply | Promise<Reply> {
  const said = office.other(turn)
  if (said !== undefined) return said
  if (turn.prompt.includes('[repowire:') && turn.prompt.includes(' question from '))
    return office.answer(turn.prompt, turn)
  if (turn.toolResults.length > 0)
    return [{ text: turn.toolResults.map((result) => `I was told: ${result.text}`).join('\n') }]
  if (turn.prompt.startsWith('ASK ')) return turn.prompt.slice(4).split(' | ').map(askBlock)
  return [{ text: `Understood: ${turn.prompt.slice(0, 60)}` }]
}

function askBlock(text: string): Block {
  const [peer = '', question = ''] = text.split(': ')
  return { tool: 'mcp__repowire__ask_peer', input: { peer, question } }
}

/** A tool call in a session of this project that lasts until `end`: `cat <name>` reads a pipe. */
export type LongLook = {
  name: string
  /** Resolves when the tool runs: what is entered from then on is taken up within this turn; while the prompt's hooks still run it gets a turn of its own. */
  begun(): Promise<unknown>
  end(): Promise<void>
}

export async function longLook(office: Office, project: string): Promise<LongLook> {
  const name = `pipe-${Date.now()}`
  const file = join(await office.project(project), name)
  execFileSync('mkfifo', [file])
  let pipe: Promise<FileHandle> | undefined
  const begun = () => (pipe ??= open(file, 'w'))
  const end = async () => {
    await (await begun()).writeFile('seen')
    await (await begun()).close()
  }
  return { name, begun, end }
}

/** The id in the header of a question. */
export function idIn(prompt: string): string {
  return prompt.match(/\[repowire:(\S+) /)?.[1] ?? 'no id'
}

async function addressOf(root: string, peer: string): Promise<string> {
  const cards = await readdir(join(root, 'peers')).catch(() => [])
  return cards.find((file) => file.startsWith(`${peer}@`))?.replace(/\.json$/, '') ?? ''
}

async function cardText(root: string, peer: string): Promise<string> {
  const address = await addressOf(root, peer)
  return await readFile(join(root, 'peers', `${address}.json`), 'utf8').catch(() => '')
}

async function listMail(mailbox: string): Promise<string[]> {
  const states = await readdir(mailbox).catch(() => [])
  const lists = await Promise.all(
    states.map(async (state) => (await filesOf(join(mailbox, state))).map((file) => `${state}/${file}`)),
  )
  return lists.flat().filter((file) => file.endsWith('.json'))
}

/** None for what is no directory: paused.json lies beside them. */
function filesOf(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => [])
}

type Recorded = { operation?: string; content?: string }

/** What was put into the queue while another prompt's hooks ran is recorded without its text. */
function isQueued(record: Recorded[], text: string): boolean {
  const queue: (string | undefined)[] = []
  for (const { operation, content } of record) {
    if (operation === 'enqueue') queue.push(content)
    else if (operation !== undefined) queue.shift()
  }
  return queue.some((one) => one === undefined || one.includes(text))
}

/** The session's transcript, line by line. */
async function recordOf(home: Home, session: ClaudeSession): Promise<Recorded[]> {
  const projects = join(home.dir, '.claude', 'projects')
  const name = `${(await session.status())?.sessionId}.jsonl`
  const all = await readdir(projects, { recursive: true }).catch(() => [])
  const paths = all.filter((path) => path.endsWith(`/${name}`))
  const texts = await Promise.all(paths.map((path) => readFile(join(projects, path), 'utf8')))
  return texts.flatMap((text) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Recorded),
  )
}

async function readJournal(home: Home): Promise<JournalLine[]> {
  const state = join(home.dir, '.local', 'state', 'repowire')
  const hosts = await readdir(state).catch(() => [])
  const days = await Promise.all(
    hosts.map(async (host) =>
      (await readdir(join(state, host, 'journal')).catch(() => [])).map((day) =>
        join(state, host, 'journal', day),
      ),
    ),
  )
  const texts = await Promise.all(
    days
      .flat()
      .sort()
      .map((day) => readFile(day, 'utf8')),
  )
  return texts.flatMap((text) =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  )
}

function run(args: string[], env: Record<string, string>): Promise<Ran> {
  return runProgram(PROGRAM, args, env)
}

/** One command of a build, in the environment of the office. */
export function runProgram(program: string, args: string[], env: Record<string, string>): Promise<Ran> {
  return new Promise((resolve) => {
    // tap adds NODE_OPTIONS to whatever it starts; env takes it away again.
    const child = execFile(
      'env',
      ['-u', 'NODE_OPTIONS', process.execPath, program, ...args],
      { env, encoding: 'utf8' },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    )
    child.stdin?.end()
  })
}

async function must(ran: Promise<Ran>): Promise<void> {
  const { code, stdout, stderr } = await ran
  if (code !== 0) throw new Error(`repowire exited ${code}: ${stdout}${stderr}`)
}
