// What systemd and launchd read: paths with every character that means something to them.

import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Launch } from '../../src/courier/service/launch.ts'
import { propertyList } from '../../src/courier/service/property-list.ts'
import { unitText } from '../../src/courier/service/unit.ts'
import { codeThrown, makeDir, plainEnv } from '../world.ts'

function launch(node: string, program = '/p/repowire.js', environment: Record<string, string> = {}): Launch {
  return { words: [node, program, 'daemon', 'run', '--stay'], environment, stderr: '/s/courier.stderr' }
}

const lineOf = (text: string, key: string) => text.split('\n').find((line) => line.startsWith(key))

const REST = '"daemon" "run" "--stay"'
const BY_SHELL = '/bin/sh -c "exec \\"$$0\\" \\"$$@\\""'

const COMMANDS: [what: string, node: string, program: string, line: string][] = [
  ['plain paths', '/usr/bin/node', '/p/repowire.js', '"/usr/bin/node" "/p/repowire.js"'],
  ['spaces', '/a b/node', '/a  b/r.js', '"/a b/node" "/a  b/r.js"'],
  ['percent signs', '/%h/node', '/100%/r.js', '"/%%h/node" "/100%%/r.js"'],
  ['dollars, which only an argument expands', '/$x/node', `/\${x}/r.js`, `"/$x/node" "/$$\{x}/r.js"`],
  ['quotes in the program', '/n', `/"a'b/r.js`, `"/n" "/\\"a'b/r.js"`],
  ['a backslash and a newline in the program', '/n', '/a\\n\nb', '"/n" "/a\\\\n\\x0ab"'],
  ['an apostrophe in the executable', "/o'x/$n", '/p', `${BY_SHELL} "/o'x/$$n" "/p"`],
  ['a backslash in the executable', '/a\\b/%', '/p', `${BY_SHELL} "/a\\\\b/%%" "/p"`],
  ['letters of other languages', '/ü/節/node', '/é', '"/ü/節/node" "/é"'],
]

for (const [what, node, program, line] of COMMANDS) {
  t.test(`a unit starts a command with ${what}`, async (t) => {
    t.equal(lineOf(unitText(launch(node, program)), 'ExecStart='), `ExecStart=${line} ${REST}`)
  })
}

t.test('a unit sets its environment, in which a dollar is a dollar', async (t) => {
  const text = unitText(launch('/n', '/p', { REPOWIRE_HOME: '/a "b" %c $d\\', PATH: '/usr/bin' }))
  t.equal(lineOf(text, 'Environment="REPO'), 'Environment="REPOWIRE_HOME=/a \\"b\\" %%c $d\\\\"')
  t.equal(lineOf(text, 'Environment="PATH'), 'Environment="PATH=/usr/bin"')
})

t.test('a unit is started again after a failure only', async (t) => {
  t.equal(lineOf(unitText(launch('/n')), 'Restart='), 'Restart=on-failure')
})

t.test('an agent holds each word as it is, whatever it means in XML', async (t) => {
  const text = propertyList('a<b', launch('/a & b/<node>', '/o\'x/"r"]]>.js', { 'A&B': '/c\r\nd' }))
  const strings = [...text.matchAll(/<string>([\s\S]*?)<\/string>/g)].map((match) => match[1])
  t.strictSame(strings, [
    'a&lt;b',
    '/a &amp; b/&lt;node&gt;',
    '/o\'x/"r"]]&gt;.js',
    'daemon',
    'run',
    '--stay',
    '/c&#13;\nd',
    '/s/courier.stderr',
    '/',
  ])
  t.match(text, '<key>A&amp;B</key>')
  t.match(text, /<key>KeepAlive<\/key>\s*<dict>\s*<key>SuccessfulExit<\/key> <false\/>\s*<\/dict>/)
})

t.test('a path that XML cannot hold is refused', async (t) => {
  for (const path of ['/a\u0007b', '/a\u001b[2J', '/a\ud800b', '/a\uffff'])
    t.equal(
      codeThrown(() => propertyList('a', launch('/n', path))),
      'service-failed',
      JSON.stringify(path),
    )
})

/** A name that holds all that may be in the path of an executable here. */
const HOSTILE = `a  %h $HOME \${x} & <b> ü`

/** A command whose executable is there, in directories of such names. */
function hostileLaunch(t: Test, name: string): Launch & { dir: string } {
  const dir = join(makeDir(t), name)
  mkdirSync(dir)
  symlinkSync(process.execPath, join(dir, 'node'))
  const environment = { REPOWIRE_HOME: `${dir}/"root"\\`, PATH: '/usr/bin:/bin' }
  return { ...launch(join(dir, 'node'), `${dir}/'"r;\\\n.js`, environment), dir }
}

/** A test that needs a system's own verifier; where there is none, a line says what was left out. */
function testWith(verifier: string, name: string, act: (t: Test) => Promise<void>): void {
  if (spawnSync(verifier, ['--version']).error === undefined) t.test(name, act)
  else console.log(`${verifier} is not here: "${name}" is left out`)
}

for (const name of [HOSTILE, `${HOSTILE} 'q' "q" \\`]) {
  testWith('systemd-analyze', `systemd finds nothing wrong with a unit for paths in ${name}`, async (t) => {
    const { dir, ...it } = hostileLaunch(t, name)
    const file = join(dir, 'repowire-courier.service')
    writeFileSync(file, unitText(it))
    const verify = (path: string) => {
      const words = ['--user', '--man=no', 'verify', path]
      const env = plainEnv({ HOME: dir, XDG_RUNTIME_DIR: dir })
      return spawnSync('systemd-analyze', words, { env, encoding: 'utf8' })
    }
    const { status, stdout, stderr } = verify(file)
    t.strictSame({ status, said: stdout + stderr }, { status: 0, said: '' })
    // It does look.
    writeFileSync(file, unitText(it).replace('Restart=on-failure', 'Restart=%'))
    t.match(verify(file).stderr, /restart/)
  })
}

testWith('plutil', 'macOS finds nothing wrong with an agent', async (t) => {
  const { dir, ...it } = hostileLaunch(t, HOSTILE)
  const file = join(dir, 'a.plist')
  writeFileSync(file, propertyList('repowire-courier', it))
  const { status, stdout } = spawnSync('plutil', ['-lint', file], { encoding: 'utf8' })
  t.equal(status, 0, stdout)
  const read = spawnSync('plutil', ['-convert', 'json', '-o', '-', file], { encoding: 'utf8' })
  t.match(JSON.parse(read.stdout), {
    ProgramArguments: it.words,
    EnvironmentVariables: it.environment,
    KeepAlive: { SuccessfulExit: false },
  })
})
