// Where everything is built and run: a copy of the sources in a directory of its own, so that what is measured is what
// the sources say now, and nobody's dist/ is touched. It takes its processes and its files along when it closes.

import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('../..', import.meta.url))
const SOURCES = ['src', 'scripts', 'test', 'package.json', 'package-lock.json']
const GRACE_MS = 8_000

/** `bundle` makes a program of a TypeScript file here (its URL), `load` imports it; `home` is a place for one set of peers. */
export async function openWorkshop() {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'rw-bench-'))
  const children = new Set()
  process.on('exit', () => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  })
  const close = async () => await endAll(children)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => close().finally(() => process.exit(130)))
  const say = (text) => console.error(`== ${text}`)
  say('build')
  copySources(dir)
  must(spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: dir, encoding: 'utf8' }))
  const bundle = (entry) => bundleInto(dir, entry)
  return {
    dir,
    dist: (name) => join(dir, 'dist', name),
    bundle,
    load: async (entry) => await import(pathToFileURL(await bundle(entry)).href),
    home: (name) => makeHome(dir, name),
    start: (command, options) => start(children, command, options),
    say,
    close,
  }
}

function copySources(dir) {
  for (const name of SOURCES) cpSync(join(root, name), join(dir, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'))
}

function must({ status, stderr }) {
  if (status !== 0) throw new Error(stderr.trim())
}

/** One minified file, as the build makes of the products. Two levels down: the harness of the tests looks for ../../dist. */
async function bundleInto(dir, entry) {
  const source = fileURLToPath(entry)
  const file = join(dir, 'bench', 'bin', basename(source).replace(/ts$/, 'mjs'))
  const bundle = await rolldown({
    cwd: dir,
    input: join(dir, relative(root, source)),
    platform: 'node',
    tsconfig: false,
    logLevel: 'silent',
    resolve: { mainFields: ['module', 'main'] },
  })
  await bundle.write({ file, format: 'esm', codeSplitting: false, minify: true, comments: false })
  await bundle.close()
  return file
}

/** A root and a state directory, and the bare environment that leads to them. */
function makeHome(dir, name) {
  const home = join(dir, 'homes', name)
  const root = join(home, '.repowire')
  mkdirSync(root, { recursive: true, mode: 0o700 })
  // More questions than two agents may ask each other.
  writeFileSync(join(root, 'config.json'), '{"turns_per_hour":0}')
  const { PATH, LANG = 'C.UTF-8', TMPDIR = dir } = process.env
  const place = { REPOWIRE_HOME: root, REPOWIRE_STATE: join(home, 'state') }
  return { dir: home, env: { PATH, LANG, TMPDIR, HOME: home, ...place } }
}

function start(children, [program, ...args], { env, cwd, stdio = ['pipe', 'pipe', 'inherit'] } = {}) {
  const child = spawn(program, args, { env, cwd, stdio })
  child.stdin?.on('error', () => {}) // it ended first: its exit tells
  children.add(child)
  child.once('close', () => children.delete(child))
  return child
}

/** SIGTERM first: some have programs of their own to end. */
async function endAll(children) {
  const all = [...children]
  const ended = Promise.all(all.map((child) => new Promise((resolve) => child.once('close', resolve))))
  for (const child of all) child.kill('SIGTERM')
  let timer
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, GRACE_MS)
  })
  await Promise.race([ended, patience])
  clearTimeout(timer)
}
