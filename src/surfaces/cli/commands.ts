/** Every command, as data; cli.ts runs them, --help and the reference are made from them. */

import { RepowireError } from '../../protocol/errors.ts'
import { readInput } from '../../spool/program.ts'
import { askCommand, textFrom } from './ask.ts'
import { daemonCommand } from './daemon.ts'
import { inboxCommand } from './inbox.ts'
import { logCommand } from './log.ts'
import { peersCommand } from './peers.ts'
import { setupCommand, thisInstall, uninstallCommand } from './set-up.ts'
import { showCommand } from './show.ts'
import { statusCommand } from './status.ts'
import { broadcastCommand, notifyCommand } from './tell.ts'

export type Options = { [name: string]: unknown; json: boolean }

export type Command = {
  usage: string
  description: string
  example: string
  options?: [flags: string, description: string, standard?: unknown][]
  /** Not listed: run by other programs. */
  hidden?: boolean
  run(args: string[], options: Options): number | Promise<number>
}

function seconds(value: unknown): number {
  const number = Number(value)
  if (Number.isFinite(number) && number > 0) return number
  throw new RepowireError('bad-input', `"${value}" is no number of seconds.`, 'Example: --timeout 30')
}

const JSON_OPTION: [string, string] = ['--json', 'print JSON, for a program']

export const COMMANDS: Command[] = [
  {
    usage: 'setup',
    description: 'Set up Claude Code: hooks, MCP server, permission rule for its tools',
    example: 'repowire setup',
    options: [['--yes', 'ask nothing']],
    run: setupCommand,
  },
  {
    usage: 'uninstall',
    description: 'Take exactly that out again; the mail stays',
    example: 'repowire uninstall',
    run: uninstallCommand,
  },
  {
    usage: 'status',
    description: 'What is installed, whether it runs, what waits and why',
    example: 'repowire status',
    options: [JSON_OPTION],
    run: (_, options) => statusCommand(options),
  },
  {
    usage: 'peers',
    description: 'The agents: what each is doing, where, and whether a message would be delivered now',
    example: 'repowire peers --json',
    options: [JSON_OPTION],
    run: (_, options) => peersCommand(options),
  },
  {
    usage: 'ask <peer> [...question]',
    description: 'Ask an agent and wait; the answer alone goes to stdout. "-" reads the question from stdin',
    example: 'repowire ask backend "Which port does the server listen on?"',
    options: [['--timeout <seconds>', 'how long to wait', 600], JSON_OPTION],
    run: ([peer = '', ...words], options) =>
      askCommand(peer, textFrom(words, readInput), { timeout: seconds(options.timeout), json: options.json }),
  },
  {
    usage: 'notify <peer> [...message]',
    description: 'Tell an agent something that needs no answer',
    example: 'repowire notify backend "The login route was renamed to /session."',
    options: [JSON_OPTION],
    run: ([peer = '', ...words], options) => notifyCommand(peer, textFrom(words, readInput), options),
  },
  {
    usage: 'broadcast [...message]',
    description: 'Tell every agent that is online',
    example: 'repowire broadcast "main is frozen until noon"',
    options: [JSON_OPTION],
    run: (words, options) => broadcastCommand(textFrom(words, readInput), options),
  },
  {
    usage: 'inbox [peer]',
    description: 'What lies in a mailbox and why it waits; your own by default',
    example: 'repowire inbox backend',
    options: [JSON_OPTION],
    run: ([peer], options) => inboxCommand(peer, options),
  },
  {
    usage: 'show <id>',
    description: 'A message and its reply, wherever they lie',
    example: 'repowire show 20261122t094012412z-k3v9x2p8',
    options: [JSON_OPTION],
    run: ([id = ''], options) => showCommand(id, options),
  },
  {
    usage: 'log',
    description: "What happened to every message, from this host's journal",
    example: 'repowire log --follow',
    options: [['--follow', 'go on with what is still to come'], JSON_OPTION],
    run: (_, options) => logCommand({ follow: options.follow === true, json: options.json }),
  },
  {
    usage: 'daemon <action>',
    description: 'The courier: run, start, stop, status. It is started by itself when a session needs it',
    example: 'repowire daemon status',
    options: [JSON_OPTION],
    run: ([action = ''], options) => daemonCommand(action, options),
  },
  {
    usage: 'demo',
    description:
      'Two rehearsal agents in two small repositories ask and answer; needs no account and leaves nothing',
    example: 'repowire demo --agent claude',
    options: [
      ['--agent <kind>', 'rehearsal, or claude: the installed Claude Code with your login', 'rehearsal'],
      ['--keep', 'leave the files of the demo where they are'],
    ],
    run: async (_, { agent, keep }) => {
      if (agent !== 'rehearsal' && agent !== 'claude') {
        throw new RepowireError(
          'bad-input',
          `"${agent}" is no kind of agent.`,
          'Use --agent rehearsal or --agent claude.',
        )
      }
      const { demo } = await import('./demo.ts')
      return await demo({ agent, keep: keep === true })
    },
  },
  {
    usage: 'rehearse',
    description: 'A rehearsal agent in this terminal; repowire demo starts two',
    example: 'repowire rehearse',
    hidden: true,
    run: async () => {
      const { rehearse } = await import('../../agents/rehearsal/rehearse.ts')
      const { hook, server } = thisInstall()
      await rehearse({ hook, server, cwd: process.cwd() })
      return 0
    },
  },
  {
    usage: 'mcp',
    description: 'The MCP server, over stdio; a coding agent starts it',
    example: 'repowire mcp',
    hidden: true,
    run: async () => {
      await import('../mcp/main.ts')
      return await new Promise<number>(() => {})
    },
  },
  {
    usage: 'hook',
    description: 'One hook of a coding agent: its payload on stdin',
    example: 'repowire hook < payload.json',
    hidden: true,
    run: async () => {
      await import('../hook/main.ts')
      return 0
    },
  },
]
