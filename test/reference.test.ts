// The README lists the tools and the commands as the tables in the code have them; `npm run reference` writes them.
import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { COMMANDS } from '../src/surfaces/cli/commands.ts'
import { MEANINGS } from '../src/surfaces/cli/exit-codes.ts'
import { TOOLS } from '../src/surfaces/mcp/tools.ts'

const README = new URL('../README.md', import.meta.url)

const tools = TOOLS.map((tool) => `| \`${tool.name}\` | ${tool.description} |`)
const commands = COMMANDS.filter((command) => !command.hidden).map(
  (command) => `| \`${command.usage}\` | ${command.description} |`,
)

const exits = MEANINGS.map(([code, meaning]) => `| ${code} | ${meaning} |`)

function filled(text: string): string {
  return [
    ['tools', tools],
    ['commands', commands],
    ['exit codes', exits],
  ].reduce((before, [name, rows]) => fill(before, name as string, rows as string[]), text)
}

function fill(text: string, name: string, rows: string[]): string {
  const block = new RegExp(`(<!-- ${name}: .*-->\n)[\\s\\S]*?(<!-- /${name} -->)`)
  return text.replace(block, (_, start, end) => `${start}| | |\n|---|---|\n${rows.join('\n')}\n${end}`)
}

t.test('the README has every tool, every command and every exit code with its description', async (t) => {
  const text = readFileSync(README, 'utf8')
  if (process.env.UPDATE_REFERENCE === '1') writeFileSync(README, filled(text))
  else t.equal(text, filled(text), 'run: npm run reference')
  t.match(text, /<!-- tools: /)
  t.match(text, /<!-- commands: /)
  t.match(text, /<!-- exit codes: /)
})
