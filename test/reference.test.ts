// The README lists the tools and the commands as the tables in the code have them; `npm run reference` writes them. What else it
// shows of them, and where it points, must be there.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { KEYS } from '../src/protocol/config.ts'
import { fileName } from '../src/protocol/layout.ts'
import { parseMessage } from '../src/protocol/message.ts'
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

/** All that stands in backticks or in a console, without the generated tables. */
function codeIn(text: string): string {
  const own = text.replace(/<!-- (.*?): [\s\S]*?<!-- \/\1 -->/g, '')
  return Array.from(own.matchAll(/```\w+\n[\s\S]*?```|`[^`]+`/g), (code) => code[0]).join('\n')
}

t.test('every command that the README shows is one', async (t) => {
  const code = codeIn(readFileSync(README, 'utf8'))
  const shown = new Set(Array.from(code.matchAll(/\brepowire\s([a-z]+)\b/g), ([, word]) => word as string))
  const known = COMMANDS.map(({ usage }) => usage.split(' ')[0])
  t.strictSame(
    [...shown].filter((word) => !known.includes(word)),
    [],
  )
  t.ok(shown.size > 10)
})

t.test('every option that the README shows is one of some command of ours', async (t) => {
  const code = codeIn(readFileSync(README, 'utf8'))
  const lines = code.split('\n').filter((line) => /repowire [a-z]+ .*--/.test(line))
  const shown = lines.flatMap((line) => line.slice(line.indexOf('repowire')).match(/--[a-z-]+/g) ?? [])
  const known = COMMANDS.flatMap(({ options = [] }) => options.map(([flags]) => flags.split(' ')[0]))
  t.strictSame(
    shown.filter((option) => !known.includes(option)),
    [],
  )
  t.ok(shown.length > 3)
})

t.test('the reply that the README shows is a message, and lies under its own name', async (t) => {
  const text = readFileSync(README, 'utf8')
  const [, file, line = ''] = text.match(/\$ cat \S+\/(\S+)\n(\{.*\})\n/) ?? []
  const parsed = parseMessage(Buffer.from(line))
  t.equal('message' in parsed && fileName(parsed.message.id, parsed.message.kind), file)
})

t.test('every place that the README points to is there', async (t) => {
  const text = readFileSync(README, 'utf8')
  const anchors = Array.from(
    text.matchAll(/^#+ (.*)$/gm),
    ([, heading]) =>
      `#${heading
        ?.toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-')}`,
  )
  const places = Array.from(text.matchAll(/\]\(([^)]+)\)/g), ([, place]) => place as string)
  const isThere = (place: string) =>
    place.startsWith('#') ? anchors.includes(place) : existsSync(new URL(place, README))
  t.strictSame(
    places.filter((place) => !place.startsWith('https://') && !isThere(place)),
    [],
  )
})
