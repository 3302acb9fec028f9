// What --help shows as an example is what the parser takes, and what becomes of it is that very command.

import t from 'tap'
import { runCli } from '../../src/surfaces/cli/cli.ts'
import { COMMANDS, STANDS_FOR } from '../../src/surfaces/cli/commands.ts'

/** The words of the command that stands in a line for a shell. */
function wordsOf(example: string): string[] {
  const [, line = ''] = example.match(/\brepowire ([^)<>|]*)/) ?? []
  return line.match(/"[^"]*"|\S+/g)?.map((word) => word.replace(/^"(.*)"$/, '$1')) ?? []
}

for (const { usage, example, examples = [] } of COMMANDS) {
  const name = usage.split(' ')[0] as string
  t.test(`the example of ${name} is accepted`, async (t) => {
    for (const line of [example, ...examples]) {
      const words = wordsOf(line)
      const ran: string[] = []
      const commands = COMMANDS.map((command) => ({
        ...command,
        run: async () => {
          ran.push(command.usage)
          return 0
        },
      }))
      t.equal(await runCli(['node', 'repowire', ...words], commands), 0, line)
      t.strictSame(ran, [usage], line)
    }
  })
}

t.test('what arguments stand for is said of arguments that there are', async (t) => {
  const all = COMMANDS.flatMap(({ usage, options = [] }) => [usage, ...options.map(([flags]) => flags)]).join(
    ' ',
  )
  for (const name of Object.keys(STANDS_FOR)) t.match(all, new RegExp(`[<[]${name}[>\\]]`), name)
})
