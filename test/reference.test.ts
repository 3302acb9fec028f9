// The README lists the tools and the commands as the tables in the code have them; `npm run reference` writes them.
import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { KEYS } from '../src/protocol/config.ts'
import { COMMANDS } from '../src/surfaces/cli/commands.ts'
import { MEANINGS } from '../src/surfaces/cli/exit-codes.ts'
import { TOOLS } from '../src/surfaces/mcp/tools.ts'

const README = new URL('../README.md', import.meta.url)

const tools = TOOLS.map((tool) => `| \`${tool.name}\` | ${tool.description} |`)
const commands = COMMANDS.filter((command) => !command.hidden).map(
  (command) => `| \`${command.usage}\` | ${command.description} |`,
)

const settings = Object.entries(KEYS).map(
  ([name, { standard, meaning }]) => `| \`${name}\` | ${meaning} | \`${JSON.stringify(standard)}\` |`,
)

const exits = MEANINGS.map(([code, meaning]) => `| ${code} | ${meaning} |`)

function filled(text: string): string {
  return [
    ['tools', tools],
    ['commands', commands],
    ['exit codes', exits],
    ['settings', settings],
  ].reduce((before, [name, rows]) => fill(before, name as string, rows as string[]), text)
}

function fill(text: string, name: string, rows: string[]): string {
  const block = new RegExp(`(<!-- ${name}: .*-->\n)[\\s\\S]*?(<!-- /${name} -->)`)
  return text.replace(block, (_, start, end) => `${start}${headOf(rows)}\n${rows.join('\n')}\n${end}`)
}

/** As many columns as the rows have. */
function headOf([row = '']: string[]): string {
  const columns = row.split(' | ').length
  return `|${' |'.repeat(columns)}\n|${'---|'.repeat(columns)}`
}

t.test('the README has every tool, command, exit code and setting with its description', async (t) => {
  const text = readFileSync(README, 'utf8')
  if (process.env.UPDATE_REFERENCE === '1') writeFileSync(README, filled(text))
  else t.equal(text, filled(text), 'run: npm run reference')
  t.match(text, /<!-- tools: /)
  t.match(text, /<!-- commands: /)
  t.match(text, /<!-- exit codes: /)
  t.match(text, /<!-- settings: /)
})
