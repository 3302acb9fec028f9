// Checks who may import whom in src/. The parts form a line and imports run one way along it, so a reader who
// follows a message goes down from a surface to the spool and back, once. Prints nothing when all is well.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const parts = ['protocol', 'spool', 'verbs', 'agents', 'courier', 'surfaces', 'main']
const order = parts.join(' ← ')

const builtins = new Set(builtinModules)
const isBuiltin = (name) => name.startsWith('node:') || builtins.has(name)
const isFs = (name) => /^(node:)?fs(\/promises)?$/.test(name)
const isPackage = (name, wanted) => name === wanted || name.startsWith(`${wanted}/`)
const isRelative = (name) => /^\.{0,2}\//.test(name)
const within = (file, directory) => file.startsWith(`${directory}/`)
const partOf = (file) => (file === 'src/main.ts' ? 'main' : file.split('/')[1])

/** A rule looks at one import, { from, name, to, line, typeOnly }; `to` is the imported file of ours, if it is one. */
const rules = [
  {
    broken: ({ from, to }) => to && parts.indexOf(partOf(to)) > parts.indexOf(partOf(from)),
    rule: ({ from, to }) => `${partOf(from)} must not import ${partOf(to)} (${order})`,
    mend: 'move what both need into the part further left, or hand it over as an argument',
  },
  {
    broken: ({ to }) => to && !within(to, 'src'),
    rule: () => 'src/ must not import from outside src/',
    mend: 'move the code into src/',
  },
  {
    broken: ({ from, name }) => within(from, 'src/protocol') && isBuiltin(name),
    rule: () => 'protocol is pure and imports no Node module',
    mend: 'take the value as an argument; what touches the machine belongs in spool or further right',
  },
  {
    broken: ({ from, name }) => isFs(name) && !within(from, 'src/spool'),
    rule: () => 'only spool imports node:fs',
    mend: 'call a function of src/spool, or add one there',
  },
  {
    broken: ({ from, name }) => isPackage(name, 'chokidar') && from !== 'src/spool/watch.ts',
    rule: () => 'only src/spool/watch.ts imports chokidar',
    mend: 'watch through src/spool/watch.ts',
  },
  {
    broken: ({ from, name }) => isPackage(name, 'proper-lockfile') && !within(from, 'src/spool'),
    rule: () => 'only one file, in src/spool, imports proper-lockfile',
    mend: 'call that file',
  },
  {
    broken: ({ from, name }) => isPackage(name, 'cac') && !within(from, 'src/surfaces/cli'),
    rule: () => 'only surfaces/cli imports cac',
    mend: 'parse the command line in src/surfaces/cli',
  },
  {
    broken: ({ from, name }) =>
      isPackage(name, '@modelcontextprotocol/sdk') &&
      !within(from, 'src/surfaces/mcp') &&
      !(isPackage(name, '@modelcontextprotocol/sdk/client') && within(from, 'src/agents/rehearsal')),
    rule: () => 'only surfaces/mcp imports the MCP SDK, and agents/rehearsal its client',
    mend: 'describe the tool as plain data and let src/surfaces/mcp register it',
  },
]

/** Packages, or parts of one, that a single file wraps. */
const wrapped = [
  { what: 'proper-lockfile', is: (name) => isPackage(name, 'proper-lockfile') },
  { what: "the MCP SDK's server", is: (name) => isPackage(name, '@modelcontextprotocol/sdk/server') },
]

const hook = 'src/surfaces/hook/main.ts'
const tooHeavyForTheHook = ['zod', 'chokidar', '@modelcontextprotocol/sdk', 'proper-lockfile', 'cac']

/** What a syntax node imports, as [specifier, typeOnly]: import, export from, import types, import(), require(). */
function importedBy(node) {
  if (ts.isImportDeclaration(node)) return [node.moduleSpecifier.text, node.importClause?.isTypeOnly]
  if (ts.isExportDeclaration(node)) return [node.moduleSpecifier?.text, node.isTypeOnly]
  if (ts.isImportTypeNode(node)) return [node.argument.literal?.text, true]
  if (ts.isCallExpression(node) && isImportCall(node.expression)) return [node.arguments[0]?.text]
  return []
}

const isImportCall = (callee) => callee.kind === ts.SyntaxKind.ImportKeyword || callee.text === 'require'

function importsOf(file) {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest)
  const found = []
  const visit = (node) => {
    const [name, typeOnly = false] = importedBy(node)
    if (name !== undefined) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
      const to = isRelative(name) ? posix.join(dirname(file), name) : undefined
      found.push({ from: file, name, to, line, typeOnly })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function filesOfSrc() {
  if (!existsSync(join(root, 'src'))) return []
  return readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .sort()
}

function misplaced(files) {
  return files
    .filter((file) => !parts.includes(partOf(file)))
    .map((file) => `${file}:1: this file is in no part of src/ (${order})\n    move it into one of them`)
}

function brokenRules(imports) {
  return imports.flatMap((one) =>
    rules
      .filter(({ broken }) => broken(one))
      .map(({ rule, mend }) => `${one.from}:${one.line}: imports ${one.name}: ${rule(one)}\n    ${mend}`),
  )
}

function wrappedTwice(imports) {
  return wrapped.flatMap(({ what, is }) => {
    const users = imports.filter(({ name, typeOnly }) => is(name) && !typeOnly)
    const [first] = users
    const others = users.filter(({ from }) => from !== first.from)
    return others.map(
      ({ from, line }) =>
        `${from}:${line}: only one file imports ${what}, and ${first.from} does\n    call that file`,
    )
  })
}

/** Follows the imports that exist at run time from the hook's entry; a message names the whole way. */
function reachedByHook(imports) {
  const problems = []
  const ways = new Map([[hook, hook]])
  for (const [file, way] of ways) {
    for (const { from, name, to, line, typeOnly } of imports) {
      if (from !== file || typeOnly) continue
      if (tooHeavyForTheHook.some((wanted) => isPackage(name, wanted)))
        problems.push(
          `${from}:${line}: imports ${name}, and the hook reaches this file (${way})\n` +
            '    the hook must start fast: split the file, so that the hook reaches only the light half',
        )
      if (to && !ways.has(to)) ways.set(to, `${way} → ${to}`)
    }
  }
  return problems
}

const files = filesOfSrc()
const imports = files.flatMap(importsOf)
const problems = [
  ...misplaced(files),
  ...brokenRules(imports),
  ...wrappedTwice(imports),
  ...reachedByHook(imports),
]
for (const problem of problems) console.error(problem)
if (problems.length > 0) {
  console.error(`\ncheck-imports: ${problems.length} broken`)
  process.exitCode = 1
}
