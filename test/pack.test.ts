// The package as its user gets it: packed, installed into an empty prefix without a network, set up, and run without a PATH.

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { makeHome } from './real/sandbox.ts'
import { ended, filesIn, makeDir, plainEnv, ROOT, run, start, until } from './world.ts'

const MOST_BYTES = 1_600_000
const ENV = ['/usr/bin/env', '/bin/env'].find(existsSync) as string
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

const dir = makeDir(t)
const prefix = join(dir, 'prefix')
const installed = join(prefix, 'lib', 'node_modules', 'repowire')
const npmEnv = plainEnv({
  HOME: join(dir, 'home'),
  npm_config_cache: join(dir, 'cache'),
  npm_config_offline: 'true',
  npm_config_update_notifier: 'false',
})

const npm = (t: Test, cwd: string, ...args: string[]) => run(t, ['npm', ...args], { env: npmEnv, cwd })

/** Builds in a copy: other tests run what lies in dist/. Returns the tarball. */
async function pack(t: Test): Promise<string> {
  const source = join(dir, 'source')
  const kept = [
    'package.json',
    'package-lock.json',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'mailbox-spec.md',
  ]
  for (const name of [...kept, 'src', 'scripts'])
    cpSync(join(ROOT, name), join(source, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'))
  mkdirSync(join(dir, 'home'))
  const { code, stdout, stderr } = await npm(
    t,
    source,
    'pack',
    '--foreground-scripts',
    '--pack-destination',
    dir,
  )
  t.equal(code, 0, stderr)
  t.match(stdout, 'All good!', 'what publint says')
  return join(dir, `repowire-${version}.tgz`)
}

t.test('the package is small, has what it needs in it, and runs nothing when it is installed', async (t) => {
  const tarball = await pack(t)
  const { code, stderr } = await npm(
    t,
    dir,
    'install',
    '-g',
    '--prefix',
    prefix,
    '--ignore-scripts=false',
    tarball,
  )
  t.equal(code, 0, stderr)
  const files = filesIn(installed)
  const own = files.filter((file) => !/^dist\/repowire-[\w-]+\.js$/.test(file))
  t.strictSame(own, [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist/THIRD-PARTY-LICENSES.txt',
    'dist/hook.cjs',
    'dist/mcp.js',
    'dist/package.json',
    'dist/repowire.js',
    'mailbox-spec.md',
    'package.json',
  ])
  const bytes = files.reduce((sum, file) => sum + statSync(join(installed, file)).size, 0)
  t.ok(bytes < MOST_BYTES, `${bytes} bytes`)
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  const needs = Object.keys(manifest).filter((key) => /dependencies$/i.test(key))
  t.strictSame(needs, ['devDependencies'])
  const atInstallation = Object.keys(manifest.scripts).filter((name) =>
    /^(pre|post)?(install|prepare)$/.test(name),
  )
  t.strictSame(atInstallation, [])
  t.strictSame(readdirSync(dirname(installed)), ['repowire'], 'nothing came with it')
  const program = join(prefix, 'bin', 'repowire')
  t.match(await run(t, [program, '--version']), { code: 0, stdout: `repowire/${version}`, stderr: '' })
})

const HELLO = [
  {
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  },
  { method: 'notifications/initialized' },
  { id: 2, method: 'tools/list' },
]

/** What a server answers to a client that lists its tools; it gets nothing but a HOME. */
async function toolsOf(t: Test, command: string[], home: string): Promise<string> {
  const child = start(t, [ENV, '-i', `HOME=${home}`, ...command])
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (said += part))
  for (const line of HELLO) child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...line })}\n`)
  await until(() => said.includes('"id":2') && said.endsWith('\n'))
  const end = ended(child)
  child.stdin?.end()
  await end
  return said
}

const skip = process.env.NO_REAL_CLIENT ? 'the real client cannot be had' : false

t.test(
  'what set-up writes runs by absolute paths, without a PATH and beside another Node',
  { skip },
  async (t) => {
    const home = await makeHome()
    t.teardown(() => home.remove())
    const env = home.env('http://127.0.0.1:9')
    const repowire = (...args: string[]) =>
      run(t, [join(prefix, 'bin', 'repowire'), ...args], { env, cwd: home.dir })
    const settings = join(home.dir, '.claude', 'settings.json')
    const before = readFileSync(settings)
    t.match(await repowire('setup', '--yes'), { code: 0, stderr: '' })
    t.teardown(() => repowire('uninstall'))

    const { hooks } = JSON.parse(readFileSync(settings, 'utf8'))
    const command: string = hooks.SessionStart[0].hooks[0].command
    t.match(command, `exec '${process.execPath}' '${join(installed, 'dist', 'hook.cjs')}'`)
    const entry = () => JSON.parse(readFileSync(join(home.dir, '.claude.json'), 'utf8')).mcpServers?.repowire
    t.match(entry(), { command: process.execPath, args: [join(installed, 'dist', 'mcp.js')] })
    t.match(await toolsOf(t, [entry().command, ...entry().args], home.dir), '"ask_peer"')

    await repowire('daemon', 'stop')
    const bin = join(dir, 'other-node')
    mkdirSync(bin)
    writeFileSync(join(bin, 'node'), '#!/bin/sh\nexit 1\n', { mode: 0o700 })
    for (const [n, path] of [
      [1, []],
      [2, [`PATH=${bin}`]],
    ] as [number, string[]][]) {
      const cwd = await home.makeProject(`project-${n}`)
      const session = [
        `HOME=${home.dir}`,
        `CLAUDE_PID=${process.pid}`,
        'CLAUDE_CODE_ENTRYPOINT=cli',
        `CLAUDE_PROJECT_DIR=${cwd}`,
      ]
      const hook = [ENV, '-i', ...path, ...session, '/bin/sh', '-c', command]
      const input = JSON.stringify({ hook_event_name: 'SessionStart', cwd })
      t.match(await run(t, hook, { input, cwd }), { code: 0, stderr: '' })
    }
    t.strictSame(
      readdirSync(join(home.dir, '.repowire', 'peers')).length,
      1,
      'the hook has registered its session',
    )
    await until(async () => (await repowire('daemon', 'status')).code === 0)
    t.match((await repowire('daemon', 'status', '--json')).stdout, join(installed, 'dist', 'repowire.js'))

    t.match(await repowire('uninstall'), { code: 0, stderr: '' })
    t.strictSame(readFileSync(settings), before)
    t.equal(entry(), undefined)
  },
)
