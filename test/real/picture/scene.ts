// What the picture shows: a user of shop-frontend has its agent do what only shop-backend knows. The sessions are real, and so
// is every tool call; what the two models say is written here.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Block } from '../model.ts'
import { type Office, openOffice } from '../office.ts'
import type { ClaudeSession } from '../session.ts'
import { COLUMNS, type Pane } from './svg.ts'

const ROWS = 40

const PROMPT = 'Point src/api.ts at the API.'
const QUESTION = 'Which port does the API listen on?'

const FILES = {
  'shop-frontend/src/api.ts': `// The port is decided in shop-backend.
export const API = 'http://localhost:TODO'
`,
  'shop-backend/server/config.ts': `export const config = {
  port: 4810, // the API listens on this port
  database: 'postgres://localhost/shop',
}
`,
}

/** Lets the one ask the other and takes both panes when it is over. `opened`: the office, for who must close it early. */
export async function play(opened: (office: Office) => void): Promise<Pane[]> {
  const office = await openOffice({ host: 'laptop', doors: ['tmux'] })
  opened(office)
  const [asker, asked] = [await office.project('shop-frontend'), await office.project('shop-backend')]
  await write(dirname(asker))
  const right = await hire(office, 'shop-backend')
  const left = await hire(office, 'shop-frontend')
  const [asking, answering] = [linesOf(asker), answersOf(asked)]
  const answers = (await right.status())?.sessionId
  office.other = ({ sessionId }) => (sessionId === answers ? answering : asking).shift()
  await left.submit(PROMPT)
  await left.waitScreen(/points at it now\.\n/)
  await Promise.all([left, right].map((session) => session.waitStatus('idle')))
  // Now and then the client gives its user advice below its box: the picture waits until that is gone.
  await Promise.all([left, right].map((session) => session.waitScreen(/✻ .* done .*\/effort/s)))
  return [await paneOf(office, 'shop-frontend', left), await paneOf(office, 'shop-backend', right)]
}

async function write(projects: string): Promise<void> {
  for (const [file, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(projects, file)), { recursive: true })
    await writeFile(join(projects, file), text)
  }
}

function linesOf(directory: string): Block[][] {
  const file = join(directory, 'src/api.ts')
  return [
    [{ tool: 'Read', input: { file_path: file } }],
    [
      { text: 'Only shop-backend knows that port: I ask its agent.' },
      { tool: 'mcp__repowire__ask_peer', input: { peer: 'shop-backend', question: QUESTION } },
    ],
    [{ tool: 'Edit', input: { file_path: file, old_string: 'TODO', new_string: '4810' } }],
    [{ text: 'shop-backend says 4810. src/api.ts points at it now.' }],
  ]
}

function answersOf(directory: string): Block[][] {
  return [
    [{ tool: 'Read', input: { file_path: join(directory, 'server/config.ts') } }],
    [{ text: 'Port 4810: it is set in server/config.ts, line 2.' }],
  ]
}

/** Not in the mode that a new session has: it opens with a notice that fills the pane. */
function hire(office: Office, name: string): Promise<ClaudeSession> {
  return office.hire(name, {
    width: COLUMNS,
    height: ROWS,
    args: ['--permission-mode', 'acceptEdits'],
    env: { CLAUDE_CODE_DISABLE_ALTERNATE_SCREEN: '1' },
  })
}

async function paneOf(office: Office, title: string, { pane }: ClaudeSession): Promise<Pane> {
  return { title, screen: await office.tmux.run(['capture-pane', '-p', '-e', '-N', '-t', pane]) }
}
