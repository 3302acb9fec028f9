// A copy of the tree in a directory of its own, in which a file can be changed and a test be run. The sources are stripped
// of their types once, and each changed one again: no loader, so a run costs little more than its tests.

import { execFileSync, spawn } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Parser } from 'tap-parser'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
// The random tests take half a minute on a machine that does nothing else.
const TIME_LIMIT_MS = 180_000
/** A test that starts the built programs, itself or by the clients of test/mcp. */
const STARTS_BUILT = /dist\/|'\.\/client\.ts'/
/** Between the name of a test and that of one within it. */
const WITHIN = ' > '
/** What the caller's session or shell would lend to the programs under test. */
const UNWANTED = /^(NODE_EXTRA_CA_CERTS|NODE_OPTIONS|TMUX|TMUX_PANE|TAP.*|(CLAUDE|ANTHROPIC|REPOWIRE).*)$/

/** Copies what git knows of. The copy goes with this process. */
export function openCopy() {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'repowire-mutants-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130))
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'))
  for (const file of filesOfTree()) {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    copyFileSync(join(ROOT, file), join(dir, file))
    strip(dir, file)
  }
  return {
    change: (file, find, replace) => change(dir, file, find, replace),
    run: (test, title) => run(dir, test, title),
  }
}

function filesOfTree() {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const files = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\0')
  return files.filter((file) => file !== '' && existsSync(join(ROOT, file)))
}

/** x.ts → x.js beside it, for Node to run as it is. */
function strip(dir, file) {
  if (!/^(src|test)\/.*\.ts$/.test(file)) return
  const compilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  }
  const { outputText } = ts.transpileModule(readFileSync(join(dir, file), 'utf8'), { compilerOptions })
  writeFileSync(join(dir, file.replace(/\.ts$/, '.js')), outputText)
}

/** Changes one place of one file; what it returns changes it back. */
function change(dir, file, find, replace) {
  const before = readFileSync(join(dir, file), 'utf8')
  const [head, tail, ...more] = before.split(find)
  if (tail === undefined || more.length > 0) throw new Error(`not exactly once in ${file}: ${find}`)
  const put = (text) => {
    writeFileSync(join(dir, file), text)
    strip(dir, file)
  }
  put(`${head}${replace}${tail}`)
  return () => put(before)
}

/** Runs one test of a file; whether it passed, or undefined when it did not run. */
async function run(dir, test, title) {
  if (STARTS_BUILT.test(readFileSync(join(dir, test), 'utf8'))) build(dir)
  const results = new Map()
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !UNWANTED.test(name)))
  const child = spawn(process.execPath, [join(dir, test.replace(/\.ts$/, '.js'))], {
    cwd: dir,
    env: { ...env, TAP: '1', TAP_GREP: patterns(title) },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  const limits = [
    setTimeout(() => child.kill('SIGTERM'), TIME_LIMIT_MS),
    setTimeout(() => process.kill(-child.pid, 'SIGKILL'), TIME_LIMIT_MS + 5_000),
  ]
  const parser = new Parser()
  collect(parser, results)
  child.stdout.pipe(parser)
  await new Promise((resolve) => parser.on('complete', resolve))
  for (const limit of limits) clearTimeout(limit)
  return results.get(title.split(WITHIN).at(-1))
}

/** By which tap knows the test, one for each level of tests within tests. */
function patterns(title) {
  const escaped = title.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&')
  return escaped
    .split(WITHIN)
    .map((part) => `^${part}$`)
    .join('\n')
}

function build(dir) {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** A name that several tests have has passed when all of them have. */
function collect(parser, results) {
  parser.on('child', (child) => collect(child, results))
  parser.on('assert', ({ name, ok }) => results.set(name, ok && results.get(name) !== false))
}
