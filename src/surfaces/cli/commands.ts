/**
 * Every command, as data; cli.ts runs them, --help, the reference and the completion of shells are made from them. What a
 * command needs is loaded when it runs: all of it together takes longer to load than node does to start.
 */

import { KEYS } from '../../protocol/config.ts'
import { RepowireError } from '../../protocol/errors.ts'
import { RETENTION_DAYS } from '../../protocol/retention.ts'

/** What an argument, or the value of an option, stands for, by its name in the usage: the peers there are, or these words. */
export const STANDS_FOR: Record<string, 'peers' | string[]> = {
  peer: 'peers',
  action: ['run', 'start', 'stop', 'status', 'logs'],
  shell: ['bash', 'zsh', 'fish'],
  kind: ['rehearsal', 'claude'],
  verb: ['rename'],
  by: ['syncthing', 'off'],
  key: Object.keys(KEYS),
}

export type Options = { [name: string]: unknown; json: boolean }

export type Command = {
  usage: string
  description: string
  example: string
  /** More of them, each for somebody else. */
  examples?: string[]
  options?: [flags: string, description: string, standard?: unknown][]
  /** Not listed: run by other programs. */
  hidden?: boolean
  run(args: string[], options: Options): Promise<number>
}

function seconds(value: unknown): number {
  const number = Number(value)
  if (Number.isFinite(number) && number > 0) return number
  throw new RepowireError('bad-input', `"${value}" is no number of seconds.`, 'Example: --timeout 30')
}

/** A number of whole days; 0 is everything that is over. */
function wholeDays(value: unknown): number {
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new RepowireError('bad-input', `"${value}" is no number of days.`, 'Example: --days 7')
}

/** An id or a key of digits alone would come as a number. */
function optionalId(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value)
}

/** The text from the words of the command line, or from standard input. */
async function textFrom(words: string[]): Promise<string> {
  return (await import('./text.ts')).textFrom(words)
}

const TIMEOUT_OPTION: [string, string, number] = ['--timeout <seconds>', 'how long to wait', 600]
const ALL_OPTION: [string, string] = ['--all', 'inside of an agent: also who is not of its circle']
const JSON_OPTION: [string, string] = ['--json', 'print JSON, for a program']

export const COMMANDS: Command[] = [
  {
    usage: 'setup',
    description: 'Set up Claude Code: hooks, MCP server, permission rule for its tools',
    example: 'repowire setup --dry-run',
    options: [
      ['--yes', 'ask nothing'],
      ['--dry-run', 'change nothing, and print exactly what would be changed'],
      ['--plugin', 'as a plugin of Claude Code, with a skill and slash commands besides'],
      ['--service', 'keep the courier running, by systemd or launchd'],
    ],
    run: async (_, { yes, dryRun, plugin, service }) =>
      (await import('./set-up.ts')).setupCommand({
        yes: yes === true,
        dryRun: dryRun === true,
        plugin: plugin === true,
        service: service === true,
      }),
  },
  {
    usage: 'uninstall',
    description: 'Take exactly that out again; the mail stays',
    example: 'repowire uninstall',
    options: [
      ['--dry-run', 'change nothing, and print exactly what would be changed'],
      ['--purge', 'remove the mailbox too, with all mail in it'],
      ['--yes', 'ask nothing'],
    ],
    run: async (_, { yes, dryRun, purge }) =>
      (await import('./set-up.ts')).uninstallCommand({
        yes: yes === true,
        dryRun: dryRun === true,
        purge: purge === true,
      }),
  },
  {
    usage: 'status',
    description: 'What is installed, whether it runs, what waits and why',
    example: 'repowire status',
    options: [JSON_OPTION],
    run: async (_, options) => (await import('./status.ts')).statusCommand(options),
  },
  {
    usage: 'doctor',
    description:
      'Look at everything that a question needs, say what to do about each problem, and let one question go round',
    example: 'repowire doctor --fix',
    options: [
      ['--fix', 'mend what can be mended, set-up included, then look again'],
      ['--quick', 'without the question that goes round'],
      JSON_OPTION,
    ],
    run: async (_, { fix, quick, json }) => {
      const { doctorCommand } = await import('./doctor.ts')
      return await doctorCommand({ fix: fix === true, quick: quick === true, json })
    },
  },
  {
    usage: 'peers',
    description: 'The agents: what each is doing, where, and whether a message would be delivered now',
    example: 'repowire peers --json',
    options: [ALL_OPTION, JSON_OPTION],
    run: async (_, { all, json }) => (await import('./peers.ts')).peersCommand({ all: all === true, json }),
  },
  {
    usage: 'ask <peer> [...question]',
    description: 'Ask an agent and wait; the answer alone goes to stdout. "-" reads the question from stdin',
    example: 'repowire ask backend "Which port does the server listen on?"',
    options: [
      TIMEOUT_OPTION,
      ['--urgent', 'reach an agent that is busy in the middle of its turn'],
      ['--reply-to <id>', 'follow up: the agent is shown that earlier exchange first'],
      ALL_OPTION,
      JSON_OPTION,
    ],
    run: async ([peer = '', ...words], { replyTo, urgent, all, timeout, json }) => {
      const options = { timeout: seconds(timeout), json }
      const question = {
        peer,
        body: await textFrom(words),
        replyTo: optionalId(replyTo),
        urgent: urgent === true,
        all: all === true,
      }
      return await (await import('./ask.ts')).askCommand(question, options)
    },
  },
  {
    usage: 'await <id>',
    description: 'Wait again for the answer to a question that ask returned without one',
    example: 'repowire await 20261122t094012412z-k3v9x2p8 --timeout 60',
    options: [TIMEOUT_OPTION, JSON_OPTION],
    run: async ([id = ''], { timeout, json }) =>
      (await import('./ask.ts')).awaitCommand(id, { timeout: seconds(timeout), json }),
  },
  {
    usage: 'cancel <id>',
    description: 'Take your question back; what its peer has been given already is answered and filed',
    example: 'repowire cancel 20261122t094012412z-k3v9x2p8',
    options: [JSON_OPTION],
    run: async ([id = ''], options) => (await import('./reply.ts')).cancelCommand(id, options),
  },
  {
    usage: 'reply <id> [...answer]',
    description:
      'Answer an open question, inside of the session that was asked. "-" reads the answer from stdin',
    example: 'repowire reply 20261122t094012412z-k3v9x2p8 "8080, from server/config.ts."',
    options: [JSON_OPTION],
    run: async ([id = '', ...words], options) =>
      (await import('./reply.ts')).replyCommand(id, await textFrom(words), options),
  },
  {
    usage: 'notify <peer> [...message]',
    description: 'Tell an agent something that needs no answer',
    example: 'repowire notify backend "The login route was renamed to /session."',
    options: [['--quiet', 'do not wake it: it is told with its next prompt'], ALL_OPTION, JSON_OPTION],
    run: async ([peer = '', ...words], { quiet, all, json }) => {
      const how = { wake: quiet !== true, all: all === true, json }
      return await (await import('./tell.ts')).notifyCommand(peer, await textFrom(words), how)
    },
  },
  {
    usage: 'broadcast [...message]',
    description: 'Tell every agent that is online, without waking it; says who was reached and who was not',
    example: 'repowire broadcast "main is frozen until noon"',
    options: [
      ['--wake', 'wake all of them for it'],
      ['--id <id>', 'repeat the broadcast of this id: nobody gets it twice'],
      ALL_OPTION,
      JSON_OPTION,
    ],
    run: async (words, { id, wake, all, json }) => {
      const how = { id: optionalId(id), wake: wake === true, all: all === true, json }
      return (await import('./tell.ts')).broadcastCommand(await textFrom(words), how)
    },
  },
  {
    usage: 'inbox [peer]',
    description: 'What lies in a mailbox and why it waits; your own by default',
    example: 'repowire inbox backend',
    options: [JSON_OPTION],
    run: async ([peer], options) => (await import('./inbox.ts')).inboxCommand(peer, options),
  },
  {
    usage: 'held',
    description: 'What waits for you to let it through, before sessions that may bypass permissions',
    example: 'repowire held',
    options: [JSON_OPTION],
    run: async (_, options) => (await import('./held.ts')).heldCommand(options),
  },
  {
    usage: 'approve <id>',
    description: 'Let a held message through; only in a shell of your own',
    example: 'repowire approve 20261122t094012412z-k3v9x2p8',
    options: [JSON_OPTION],
    run: async ([id = ''], options) => (await import('./held.ts')).approveCommand(id, options),
  },
  {
    usage: 'refuse <id> [...reason]',
    description: 'Refuse a held message; who asked is told, with your reason',
    example: 'repowire refuse 20261122t094012412z-k3v9x2p8 "Ask me first."',
    options: [JSON_OPTION],
    run: async ([id = '', ...words], options) =>
      (await import('./held.ts')).refuseCommand(id, words.join(' '), options),
  },
  {
    usage: 'show <id>',
    description: 'A message and its reply, wherever they lie',
    example: 'repowire show 20261122t094012412z-k3v9x2p8',
    options: [JSON_OPTION],
    run: async ([id = ''], options) => (await import('./show.ts')).showCommand(id, options),
  },
  {
    usage: 'trace <id>',
    description: 'What happened to one message, where it is now, and for what it waits',
    example: 'repowire trace 20261122t094012412z-k3v9x2p8',
    options: [JSON_OPTION],
    run: async ([id = ''], options) => (await import('./trace.ts')).traceCommand(id, options),
  },
  {
    usage: 'log',
    description: "What happened to every message, from this host's journal",
    example: 'repowire log --follow',
    options: [['--follow', 'go on with what is still to come'], JSON_OPTION],
    run: async (_, { follow, json }) =>
      (await import('./log.ts')).logCommand({ follow: follow === true, json }),
  },
  {
    usage: 'pause [peer]',
    description:
      'Do not disturb: its mail waits, and who asks it is told. Without a peer: every agent that is online',
    example: 'repowire pause backend',
    options: [JSON_OPTION],
    run: async ([peer], options) => (await import('./pause.ts')).pauseCommand(peer, options),
  },
  {
    usage: 'resume [peer]',
    description: 'Let mail through again',
    example: 'repowire resume backend',
    options: [JSON_OPTION],
    run: async ([peer], options) => (await import('./pause.ts')).resumeCommand(peer, options),
  },
  {
    usage: 'rename <peer> [new]',
    description: 'Give an agent another name; inside of its session the new name is enough. Its mail follows',
    example: 'repowire rename backend api',
    options: [JSON_OPTION],
    run: async (names, options) => (await import('./rename.ts')).renameCommand(names, options),
  },
  {
    usage: 'host <verb> [label]',
    description:
      'rename: give this machine another label among those that share the mailbox; its sessions and their mail come along. begin-anew: make the shared mailbox that is missing (root-missing)',
    example: 'repowire host rename laptop',
    options: [JSON_OPTION],
    run: async ([verb = '', label], { json }) => (await import('./host.ts')).hostCommand(verb, label, json),
  },
  {
    usage: 'gc',
    description: 'Remove what has been over for long; the courier does the same, little by little',
    example: 'repowire gc --days 7 --dry-run',
    options: [
      ['--days <days>', 'keep what is younger', RETENTION_DAYS],
      ['--dry-run', 'remove nothing, and say what would be removed'],
      JSON_OPTION,
    ],
    run: async (_, { days, dryRun, json }) =>
      (await import('./gc.ts')).gcCommand({ days: wholeDays(days), dryRun: dryRun === true, json }),
  },
  {
    usage: 'daemon <action>',
    description:
      'The courier: run, start, stop, status, logs. It is started by itself when a session needs it',
    example: 'repowire daemon logs --follow',
    options: [
      ['--follow', 'with logs: go on with what is still to come'],
      ['--stay', 'with run: stay while no agent lives, as a service does'],
      JSON_OPTION,
    ],
    run: async ([action = ''], { follow, stay, json }) =>
      (await import('./daemon.ts')).daemonCommand(action, {
        follow: follow === true,
        stay: stay === true,
        json,
      }),
  },
  {
    usage: 'config [key] [value]',
    description: 'The settings: all of them with their meaning, the value of one, or a new value for it',
    example: 'repowire config turns_per_hour 30',
    options: [['--unset', 'take the key out of config.json: its default counts'], JSON_OPTION],
    run: async (words, { unset, json }) =>
      (await import('./config.ts')).configCommand(words.map(String), { unset: unset === true, json }),
  },
  {
    usage: 'share <by>',
    description: 'Several machines by Syncthing: look at its folder, and have it told of each new message',
    example: 'repowire share syncthing --dry-run',
    examples: ['repowire share off'],
    options: [
      ['--api <url>', 'where the local Syncthing listens; without it that is found'],
      ['--api-key <key>', 'its API key; without it that is found'],
      ['--config <directory>', "Syncthing's own, where it is not in its usual place"],
      ['--dry-run', 'change nothing'],
      JSON_OPTION,
    ],
    run: async ([by = ''], { api, apiKey, config, dryRun, json }) =>
      (await import('./share.ts')).shareCommand(by, {
        api: optionalId(api),
        apiKey: optionalId(apiKey),
        config: optionalId(config),
        dryRun: dryRun === true,
        json,
      }),
  },
  {
    usage: 'hosts [action] [host]',
    description:
      'Whose mail is taken where machines share a mailbox: this host with its key; allow or deny another',
    example: 'repowire hosts allow desktop',
    options: [
      ['--key <key>', 'with allow: the key that repowire hosts printed there'],
      ['--yes', 'with allow: ask nothing; the fingerprint was compared'],
      JSON_OPTION,
    ],
    run: async ([action, host = ''], { key, yes, json }) =>
      (await import('./hosts-allow.ts')).hostsCommand(action, host, {
        key: optionalId(key),
        yes: yes === true,
        json,
      }),
  },
  {
    usage: 'completion <shell>',
    description: 'Print what makes bash, zsh or fish complete commands, options and peers',
    example: `echo 'eval "$(repowire completion bash)"' >> ~/.bashrc`,
    examples: [
      `echo 'eval "$(repowire completion zsh)"' >> ~/.zshrc`,
      'repowire completion fish > ~/.config/fish/completions/repowire.fish',
    ],
    run: async ([shell = '']) =>
      (await import('./completion.ts')).completionCommand(shell, COMMANDS, STANDS_FOR),
  },
  {
    usage: 'names',
    description: 'The names of all peers; the completion of a shell asks for them',
    example: 'repowire names',
    hidden: true,
    run: async () => (await import('./names.ts')).namesCommand(),
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
      const { thisInstall } = await import('./set-up.ts')
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
