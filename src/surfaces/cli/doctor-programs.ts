/** What must be installed: Node, tmux, the client, and what set-up has put into the client. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { TRIED_VERSION } from '../../agents/claude-code/client.ts'
import { clientOf, programSetUp, setUpState } from '../../agents/claude-code/set-up.ts'
import { isThere } from '../../spool/disk.ts'
import { isExecutable } from '../../spool/foreign.ts'
import { type Finding, good, type Patient, problem, warning } from './doctor-check.ts'
import { homely } from './print.ts'
import { thisInstall } from './set-up.ts'

const OLDEST_NODE = '20.19'
const OLDEST_TMUX = '3.1'

export function lookAtNode(): Finding[] {
  return [judgeNode(process.versions.node)]
}

export function judgeNode(version: string): Finding {
  const what = `${version} (${process.execPath})`
  if (isAtLeast(version, OLDEST_NODE)) return good(what)
  return problem(`${what} is older than ${OLDEST_NODE}`, `Install Node ${OLDEST_NODE} or newer.`)
}

export async function lookAtTmux(): Promise<Finding[]> {
  return [judgeTmux(await tmuxVersion())]
}

/** What follows "tmux" in what tmux -V prints; undefined where there is none on the PATH. */
export async function tmuxVersion(): Promise<string | undefined> {
  try {
    return (await promisify(execFile)('tmux', ['-V'])).stdout.trim().replace(/^tmux /, '')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export function judgeTmux(version: string | undefined): Finding {
  if (version === undefined) {
    const how = 'Install it: apt-get install tmux, dnf install tmux, or brew install tmux.'
    return problem('there is no tmux on the PATH, and nothing can be typed to an agent', how)
  }
  // "next-3.6" and "master" are later than what was released.
  const number = version.match(/\d+\.\d+/)?.[0]
  if (number === undefined || isAtLeast(number, OLDEST_TMUX)) return good(version)
  const why = `${version} was not tried, and is older than ${OLDEST_TMUX}, which compares times as the check before Enter does`
  return warning(why, 'Install a newer tmux.')
}

export async function lookAtClient({ env }: Patient): Promise<Finding[]> {
  const client = await clientOf(env)
  return [judgeClient(client && { ...client, path: homely(client.path) })]
}

export function judgeClient(client: { path: string; version: string } | undefined): Finding {
  if (client === undefined) {
    const how = 'Install Claude Code, or set REPOWIRE_CLAUDE to the path of its executable.'
    return problem('no claude was found', how)
  }
  const what = `Claude Code ${client.version} (${client.path})`
  if (lineOf(client.version) === lineOf(TRIED_VERSION)) return good(what)
  return warning(`${what} was not tried: the tests run ${TRIED_VERSION}`)
}

/** Major and minor. */
function lineOf(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

function isAtLeast(version: string, oldest: string): boolean {
  const [[major = 0, minor = 0], [least = 0, leastMinor = 0]] = [version, oldest].map((text) =>
    text.split('.').map(Number),
  ) as [number[], number[]]
  return major > least || (major === least && minor >= leastMinor)
}

type Part = ReturnType<typeof setUpState>[keyof ReturnType<typeof setUpState>]

export function lookAtSetUp({ tree, env, setUpAgain }: Patient): Finding[] {
  const { settings, server, plugin } = setUpState(tree, env, thisInstall())
  const parts: [string, Part][] =
    plugin.state === 'missing'
      ? [
          ['hooks and permission rule', settings],
          ['MCP server', server],
        ]
      : [
          ['plugin', plugin],
          ['permission rule', settings],
        ]
  const instead = whatRuns(programSetUp(tree, env))
  const judge = ([name, part]: [string, Part]) => judgePart(name, part, instead, setUpAgain)
  const ignored = settings.state === 'unreadable' ? [] : settings.warnings
  return [
    ...parts.map(judge),
    ...ignored.map((why) => problem(why.replace(/\.$/, ''), 'Mend that file; then restart claude.')),
  ]
}

function judgePart(name: string, part: Part, instead: string, setUpAgain: () => unknown): Finding {
  const what = `${name} in ${homely(part.file)}`
  switch (part.state) {
    case 'current':
      return good(what)
    case 'missing':
      return problem(`no ${what}`, 'Run: repowire setup, then restart claude.', setUpAgain)
    case 'outdated':
      return problem(`${what}: ${instead}`, 'Run: repowire setup, then restart claude.', setUpAgain)
    case 'off':
      return warning(`the ${what} is disabled in Claude Code`, 'Run: repowire setup --plugin.')
    case 'taken':
      return problem(
        `${part.file}: another MCP server is called repowire`,
        'If you no longer need it, run: claude mcp remove --scope user repowire; then repowire setup.',
      )
    case 'unreadable':
      return problem(
        'warnings' in part ? part.warnings.join(' ').replace(/\.$/, '') : `${what}: it is not JSON`,
        'Mend it (claude doctor helps); then run: repowire setup.',
      )
  }
}

/** Set-up has written absolute paths: an upgrade of Node, or a removed clone, takes what they lead to away. */
function whatRuns(program: ReturnType<typeof programSetUp>): string {
  if (program === undefined) return 'of another version of repowire'
  const { node, server } = program
  const gone = [...(isExecutable(node) ? [] : [node]), ...(isThere(server) ? [] : [server])]
  return gone.length > 0
    ? `it runs ${gone.map(homely).join(' and ')}, which ${gone.length > 1 ? 'are' : 'is'} gone`
    : `of another version or path (${homely(server)})`
}
