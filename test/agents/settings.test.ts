// What set-up does to a user's settings.json, as text: a table of users' files, each taken there and back.

import { parse } from 'jsonc-parser'
import t from 'tap'
import {
  addOurs,
  ignoredBecause,
  objection,
  oursFor,
  removeOurs,
  stateOf,
} from '../../src/agents/claude-code/settings.ts'

const install = { node: '/opt/node/bin/node', hook: '/opt/repowire/dist/hook.cjs' }
const ours = oursFor(install)
const newer = oursFor({ ...install, hook: '/opt/repowire-2/dist/hook.cjs' })
const events = Object.keys(ours.groups)

const other = '{"hooks":[{"type":"command","command":"other-tool"}]}'

/** Users' files, in the shape in which taking out what was put in gives every byte back. */
const FILES: Record<string, string> = {
  'no file, or an empty one': '',
  'an empty object': '{}',
  'an empty object with a newline': '{}\n',
  'an empty object after a byte order mark': '\uFEFF{}\n',
  'settings on one line': '{"model":"opus"}',
  'settings on one line with blanks': '{ "model": "opus" }\n',
  'settings with two spaces': '{\n  "model": "opus",\n  "env": {\n    "A": "1"\n  }\n}\n',
  'settings with four spaces': '{\n    "model": "opus"\n}\n',
  'settings with tabs':
    '{\n\t"model": "opus",\n\t"hooks": {\n\t\t"Stop": [\n\t\t\t{ "hooks": [] }\n\t\t]\n\t}\n}\n',
  'settings with CRLF': '{\r\n  "model": "opus",\r\n  "permissions": {\r\n    "deny": []\r\n  }\r\n}\r\n',
  'settings with CRLF after a byte order mark': '\uFEFF{\r\n  "model": "opus"\r\n}',
  'line comments': '// mine\n{\n  "model": "opus" // the big one\n  // the end\n}\n// after\n',
  'block comments': '/* a */{/* b */"model"/* c */:/* d */"opus"/* e */}/* f */\n',
  'a comment after the last hook': `{\n  "hooks": {\n    "Stop": [\n      ${other} // theirs\n    ]\n  }\n}\n`,
  'trailing commas': '{\n  "permissions": {\n    "allow": [\n      "Bash(ls)",\n    ],\n  },\n}\n',
  'a trailing comma after a comment': '{\n  "model": "opus" /* big */, // yes\n}\n',
  'a trailing comma on one line': '{"permissions":{"allow":["a",],},}',
  'hooks of another tool for the same events': `{\n  "hooks": {\n    "Stop": [\n      ${other}\n    ],\n    "PostToolUse": [\n      ${other}\n    ]\n  }\n}\n`,
  'hooks of another tool for other events': `{\n  "hooks": {\n    "PreToolUse": [${other}]\n  },\n  "model": "opus"\n}\n`,
  'hooks of another tool on one line': `{"hooks":{"Stop":[${other},${other}]},"model":"opus"}`,
  'permissions along the line':
    '{\n  "permissions": { "allow": ["Bash(ls)", "Read"], "deny": ["Bash(rm)"] }\n}\n',
  'permissions down the page':
    '{\n  "permissions": {\n    "allow": [\n      "Bash(ls)",\n      "Read"\n    ]\n  }\n}\n',
  'an empty list of permissions': '{\n  "permissions": {\n    "allow": []\n  }\n}\n',
  'empty hooks': '{\n  "hooks": {},\n  "model": "opus"\n}\n',
  'empty hooks of one event': '{\n  "hooks": {\n    "SessionEnd": []\n  }\n}\n',
  'a key that stands twice': `{\n  "hooks": {},\n  "model": "opus",\n  "hooks": {\n    "Stop": [${other}]\n  }\n}\n`,
  'braces on lines of their own':
    '{\n  "hooks":\n  {\n    "Stop":\n    [\n      { "hooks": [] }\n    ]\n  }\n}\n',
  'strings that look like JSON':
    '{\n  "env": {\n    "A": "// no comment, {\\"hooks\\": []}, /* */ ]}"\n  }\n}\n',
  'a hook with a name like ours':
    '{\n  "hooks": {\n    "Stop": [\n      {"hooks":[{"type":"command","command":"repowire-hook-log"}]}\n    ]\n  }\n}\n',
}

for (const [name, file] of Object.entries(FILES)) {
  t.test(`${name}: what is put in is there once, and taking it out gives every byte back`, (t) => {
    t.equal(objection(file), undefined)
    const { text, made } = addOurs(file, ours)
    t.equal(objection(text), undefined)
    t.equal(stateOf(text, ours), 'current')
    t.equal(addOurs(text, ours).text, text)
    for (const event of events) t.equal(ourCommands(text.replace('\uFEFF', ''), event).length, 1)
    t.equal(removeOurs(text, made), file)
    t.end()
  })

  t.test(`${name}: an outdated entry is replaced in place`, (t) => {
    const { text, made } = addOurs(file, ours)
    const updated = addOurs(text, newer)
    t.equal(stateOf(text, newer), 'outdated')
    t.equal(updated.text, text.replaceAll('/opt/repowire/', '/opt/repowire-2/'))
    t.same(updated.made, [])
    t.equal(removeOurs(updated.text, made), file)
    t.end()
  })

  t.test(`${name}: every line of the user's is kept, in order`, (t) => {
    const { text } = addOurs(file, ours)
    t.ok(isSubsequence(file, text))
    t.equal(text.includes('\r\n'), file.includes('\r\n'))
    t.notMatch(text.replaceAll('\r\n', ''), file.includes('\r\n') ? /[\r\n]/ : /\r/)
    t.end()
  })
}

t.test('what is put in looks like what is there', (t) => {
  const { text } = addOurs('{\n\t"model": "opus"\n}\n', ours)
  t.match(text, '\n\t"hooks": {\n\t\t"SessionStart": [\n\t\t\t{\n\t\t\t\t"hooks": [\n\t\t\t\t\t{\n')
  t.match(text, '\n\t"permissions": {\n\t\t"allow": [\n\t\t\t"mcp__repowire"\n\t\t]\n\t}\n}\n')
  t.match(
    addOurs(FILES['permissions along the line'] as string, ours).text,
    '["Bash(ls)", "Read", "mcp__repowire"]',
  )
  t.notMatch(addOurs('{"model":"opus"}', ours).text, /[\r\n]/)
  t.end()
})

t.test("others' hooks come before ours", (t) => {
  const { text } = addOurs(FILES['hooks of another tool for the same events'] as string, ours)
  const [theirs, our] = JSON.parse(text).hooks.Stop
  t.equal(theirs.hooks[0].command, 'other-tool')
  t.same(our, ours.groups.Stop)
  t.end()
})

t.test('what others put after ours stays when ours is taken out', (t) => {
  const { text, made } = addOurs('{}', ours)
  const settings = JSON.parse(text)
  settings.hooks.Stop.push(JSON.parse(other))
  settings.hooks.Stop[0].hooks.push({ type: 'command', command: 'moved in' })
  settings.permissions.allow.unshift('Read')
  settings.permissions.allow.push('Write')
  const rest = removeOurs(JSON.stringify(settings, null, 2), made)
  t.same(JSON.parse(rest), {
    hooks: { Stop: [{ hooks: [{ type: 'command', command: 'moved in' }] }, JSON.parse(other)] },
    permissions: { allow: ['Read', 'Write'] },
  })
  t.end()
})

t.test('comments that the user wrote beside ours stay when ours is taken out', (t) => {
  const { text, made } = addOurs('{\n  "permissions": {\n    "allow": [\n      "Read"\n    ]\n  }\n}\n', ours)
  const noted = text.replace('"mcp__repowire"', '"mcp__repowire" // the peers')
  t.match(removeOurs(noted, made), '"Read"\n      // the peers\n    ]')
  t.end()
})

t.test('a rule that the user had stays', (t) => {
  const file = '{\n  "permissions": {\n    "allow": [\n      "mcp__repowire"\n    ]\n  }\n}\n'
  const { text, made } = addOurs(file, ours)
  t.equal(removeOurs(text, made), file)
  t.end()
})

t.test('containers that the user had stay, also empty ones', (t) => {
  const { text } = addOurs('{}', ours)
  t.same(JSON.parse(removeOurs(text)), {
    hooks: Object.fromEntries(events.map((event) => [event, []])),
    permissions: { allow: [] },
  })
  t.end()
})

t.test('entries of ours that the user doubled or moved become one again', (t) => {
  const settings = JSON.parse(addOurs('{}', ours).text)
  settings.hooks.Stop.push(settings.hooks.Stop[0])
  settings.hooks.PreToolUse = [ours.groups.PostToolUse]
  settings.hooks.PostToolUse = [
    { matcher: 'Bash', hooks: [{ type: 'command', command: 'x' }, ours.groups.PostToolUse?.hooks[0]] },
  ]
  const { hooks } = JSON.parse(addOurs(JSON.stringify(settings), newer).text)
  t.same(hooks.Stop, [newer.groups.Stop])
  t.same(hooks.PreToolUse, [])
  t.same(hooks.PostToolUse, [
    { matcher: 'Bash', hooks: [{ type: 'command', command: 'x' }] },
    newer.groups.PostToolUse,
  ])
  t.end()
})

t.test('a hook of ours that lives in a group with others is updated there', (t) => {
  const settings = JSON.parse(addOurs('{}', ours).text)
  settings.hooks.Stop[0].hooks.unshift({ type: 'command', command: 'first' })
  const { hooks } = JSON.parse(addOurs(JSON.stringify(settings), newer).text)
  t.same(hooks.Stop, [{ hooks: [{ type: 'command', command: 'first' }, newer.groups.Stop?.hooks[0]] }])
  t.end()
})

const REFUSED: Record<string, [string, RegExp]> = {
  'a text that ends too early': ['{\n  "hooks": {', /not JSON \(close brace expected, line 2\)/],
  'two values': ['{} {}', /not JSON/],
  'a merge conflict': ['{\n<<<<<<< HEAD\n  "a": 1\n=======\n}\n', /not JSON .*line 2/],
  JSON5: ["{ model: 'opus' }", /not JSON/],
  'an open comment': ['{} /* ', /not JSON/],
  'a list': ['[]', /an array, not an object/],
  'a word': ['null', /null, not an object/],
  'hooks as a list': ['{"hooks": []}', /"hooks" is an array, not an object/],
  'hooks as null': ['{"hooks": null}', /"hooks" is null, not an object/],
  'an event as an object': ['{"hooks": {"Stop": {}}}', /"hooks\.Stop" is an object, not an array/],
  'permissions as a string': ['{"permissions": "all"}', /"permissions" is a string, not an object/],
  'a rule as a string': [
    '{"permissions": {"allow": "Bash"}}',
    /"permissions\.allow" is a string, not an array/,
  ],
}

for (const [name, [file, why]] of Object.entries(REFUSED)) {
  t.test(`${name} is refused, with the reason`, (t) => {
    t.match(objection(file), why)
    t.end()
  })
}

t.test('it is said when the client ignores the file', (t) => {
  t.equal(ignoredBecause(addOurs('\uFEFF{}', ours).text), undefined)
  t.match(ignoredBecause('{}\n// mine'), /plain JSON only.*line 2/)
  t.match(ignoredBecause('{"a": 1,}'), /plain JSON only/)
  t.match(ignoredBecause('{"disableAllHooks": true}'), /disableAllHooks/)
  t.end()
})

t.test('settings without anything of ours are said to miss it, and nothing is taken out', (t) => {
  for (const file of Object.values(FILES)) {
    t.equal(stateOf(file, ours), 'missing')
    t.equal(removeOurs(file, []), file)
  }
  t.end()
})

function ourCommands(text: string, event: string): string[] {
  const groups: { hooks: { command: string }[] }[] = parse(text, [], { allowTrailingComma: true }).hooks[
    event
  ]
  const commands = groups.flatMap(({ hooks }) => hooks.map(({ command }) => command))
  return commands.filter((command) => command.startsWith(': repowire-hook;'))
}

/** Every character of `part` stands in `whole`, in this order. */
function isSubsequence(part: string, whole: string): boolean {
  let from = 0
  for (const character of part) from = whole.indexOf(character, from) + 1 || Number.POSITIVE_INFINITY
  return from <= whole.length
}
