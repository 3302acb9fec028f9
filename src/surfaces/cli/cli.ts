/** argv → one command → one call → one exit code. */

import { cac } from 'cac'
import { explain, RepowireError } from '../../protocol/errors.ts'
import { VERSION } from '../../protocol/version.ts'
import { COMMANDS, type Command, type Options } from './commands.ts'
import { EXIT, MEANINGS } from './exit-codes.ts'
import { STDIN } from './stdin.ts'

/** Runs the command that these arguments name and returns the exit code; errors go to stderr. */
export async function runCli(argv: string[], commands = COMMANDS): Promise<number> {
  const cli = cac('repowire')
  let code = 0
  for (const command of offered(commands, argv[2])) offer(cli, command, (result) => (code = result))
  cli.help(plainHelp).version(VERSION)
  try {
    cli.parse(argv.map(keepDash), { run: false })
    if (cli.options.help || cli.options.version) return 0
    if (argv.length <= 2) return help(cli)
    refuseUnknown(cli.matchedCommandName, argv.slice(2))
    await cli.runMatchedCommand()
    return code
  } catch (error) {
    const known = isUsage(error) ? usage(error as Error, cli.matchedCommandName) : error
    process.stderr.write(`repowire: ${explain(known)}\n`)
    return exitCode(known)
  }
}

/** The one command that is named first; all of them for who asks for help, and for what is unknown. */
function offered(commands: Command[], first: string | undefined): Command[] {
  const named = commands.find(({ usage }) => usage.split(' ')[0] === first)
  return named === undefined ? commands : [named]
}

function offer(cli: ReturnType<typeof cac>, command: Command, end: (code: number) => void): void {
  const made = cli.command(command.usage, command.hidden ? '' : command.description).example(command.example)
  for (const another of command.examples ?? []) made.example(another)
  for (const [flags, description, standard] of command.options ?? [])
    made.option(flags, description, { default: standard })
  made.action(async (...given: unknown[]) => {
    const options = given.pop() as Options & { '--'?: string[] }
    const words = [...given.flat().filter((word) => word !== undefined), ...(options['--'] ?? [])] as string[]
    end(await command.run(words, { ...options, json: options.json === true }))
  })
}

function help(cli: ReturnType<typeof cac>): number {
  cli.outputHelp()
  return 0
}

function keepDash(word: string): string {
  return word === '-' ? STDIN : word
}

type Section = { title?: string; body: string }

/** Without the commands that only other programs run, and without a line per command that says how to get help. */
function plainHelp(sections: Section[]): Section[] {
  const hidden = COMMANDS.filter((command) => command.hidden).map(({ usage }) => usage)
  const shown = (line: string) => !hidden.includes(line.trim())
  const listed = sections.filter(({ title }) => title === undefined || !title.startsWith('For more info'))
  const plain = listed.map(({ title, body }) => ({ title, body: body.split('\n').filter(shown).join('\n') }))
  return [
    ...plain,
    {
      title: 'Exit codes',
      body: MEANINGS.map(([code, meaning]) => `  ${code}`.padEnd(7) + meaning).join('\n'),
    },
  ]
}

function refuseUnknown(matched: string | undefined, args: string[]): void {
  if (matched !== undefined) return
  const what = `There is no command "${args[0]}".`
  throw new RepowireError(
    'unknown-command',
    what,
    `Commands: ${COMMANDS.filter((command) => !command.hidden)
      .map(({ usage }) => usage.split(' ')[0])
      .join(', ')}. See: repowire --help.`,
  )
}

function exitCode(error: unknown): number {
  if (error instanceof RepowireError) {
    if (error.code === 'no-answer-yet') return EXIT.notYet
    return error.code === 'unknown-command' || error.code === 'bad-input' ? EXIT.usage : EXIT.failed
  }
  return EXIT.failed
}

/** What cac found wrong, in the form of every other error. */
function usage({ message }: Error, command: string | undefined): RepowireError {
  const what = `${message.slice(0, 1).toUpperCase()}${message.slice(1)}.`
  const help = ['repowire', ...(command === undefined ? [] : [command]), '--help'].join(' ')
  return new RepowireError('bad-input', what, `See: ${help}; quote a text that has options in it.`)
}

function isUsage(error: unknown): boolean {
  return (error as Error).name === 'CACError'
}
