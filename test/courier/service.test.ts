// Putting the service in and taking it out. The real managers cannot be reached in a container, so systemctl and
// launchctl are stand-ins on a PATH of their own, which write down how they were called.

import {
  chmodSync,
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
import {
  installService,
  planNoService,
  planService,
  removeService,
  serviceState,
} from '../../src/courier/service/service.ts'
import type { Tree } from '../../src/spool/tree.ts'
import { codeThrown, makeWorld } from '../world.ts'

type Place = {
  tree: Tree
  env: Record<string, string>
  file: string
  config: string
  platform: NodeJS.Platform
  calls(): string[]
}

/** Loaded is what was brought in and not taken out. */
const STAND_IN = `#!/bin/sh
printf '%s\\n' "\${0##*/} $*" >>"$CALLS"
[ ! -e "$CALLS.broken" ] || { echo 'Failed to connect to bus: No medium found' >&2; exit 1; }
case $* in
  print*) [ -e "$CALLS.loaded" ] ;;
  bootstrap*) : >"$CALLS.loaded" ;;
  bootout*) rm -f "$CALLS.loaded" ;;
esac
`

const UNIT = 'repowire-courier.service'

function makePlace(t: Test, platform: NodeJS.Platform = 'linux'): Place {
  const { tree, dir, env } = makeWorld(t)
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  for (const name of ['systemctl', 'launchctl', 'tmux'])
    writeFileSync(join(bin, name), STAND_IN, { mode: 0o755 })
  const config = join(dir, 'my config')
  const CALLS = join(dir, 'calls')
  const unit = join(config, 'systemd', 'user', UNIT)
  return {
    tree,
    env: { ...env, HOME: dir, XDG_CONFIG_HOME: config, PATH: `${bin}:/usr/bin:/bin`, CALLS },
    file: platform === 'linux' ? unit : join(dir, 'Library', 'LaunchAgents', 'repowire-courier.plist'),
    config,
    platform,
    calls: () => (existsSync(CALLS) ? readFileSync(CALLS, 'utf8').trim().split('\n') : []),
  }
}

const plan = ({ tree, env, platform }: Place) => planService(tree, env, platform)
const install = (place: Place) => installService(plan(place))
const remove = async ({ env, platform }: Place) => removeService(planNoService(env, platform))
const state = ({ tree, env, platform }: Place) => serviceState(tree, env, platform).state

const GUI = `gui/${process.getuid?.()}`

const MANAGERS: [
  platform: NodeJS.Platform,
  first: string[],
  again: string[],
  changed: string[],
  out: string[],
][] = [
  [
    'linux',
    ['systemctl --user daemon-reload', `systemctl --user enable --now ${UNIT}`],
    ['systemctl --user daemon-reload', `systemctl --user enable --now ${UNIT}`],
    [
      'systemctl --user daemon-reload',
      `systemctl --user enable --now ${UNIT}`,
      `systemctl --user restart ${UNIT}`,
    ],
    [`systemctl --user disable --now ${UNIT}`, 'systemctl --user daemon-reload'],
  ],
  [
    'darwin',
    [
      `launchctl print ${GUI}/repowire-courier`,
      `launchctl print ${GUI}/repowire-courier`,
      `launchctl bootstrap ${GUI} FILE`,
    ],
    [`launchctl print ${GUI}/repowire-courier`, `launchctl kickstart ${GUI}/repowire-courier`],
    [
      `launchctl print ${GUI}/repowire-courier`,
      `launchctl bootout ${GUI}/repowire-courier`,
      `launchctl print ${GUI}/repowire-courier`,
      `launchctl print ${GUI}/repowire-courier`,
      `launchctl print ${GUI}/repowire-courier`,
      `launchctl bootstrap ${GUI} FILE`,
    ],
    [
      `launchctl print ${GUI}/repowire-courier`,
      `launchctl bootout ${GUI}/repowire-courier`,
      `launchctl print ${GUI}/repowire-courier`,
      `launchctl print ${GUI}/repowire-courier`,
    ],
  ],
]

for (const [platform, first, again, changed, out] of MANAGERS) {
  t.test(`on ${platform} the service is put in once, brought up to date, and taken out`, async (t) => {
    const place = makePlace(t, platform)
    let before = 0
    const newCalls = () => {
      const calls = place.calls().slice(before)
      before += calls.length
      return calls.map((call) => call.replace(place.file, 'FILE'))
    }
    t.equal(state(place), 'missing')
    const planned = plan(place)
    t.match(planned, { file: place.file, before: undefined, changed: true })
    t.notOk(existsSync(dirname(place.file)), 'a plan writes nothing')
    t.strictSame(place.calls(), [], 'and runs nothing')

    t.match(await installService(planned), { changes: [{ file: place.file }], warnings: [], runs: true })
    t.equal(readFileSync(place.file, 'utf8'), planned.text)
    t.strictSame(newCalls(), first)
    t.strictSame(readdirSync(dirname(place.file)).length, 1, 'no other file is left')
    t.equal(state(place), 'current')

    const { ino, mtimeMs } = statSync(place.file)
    t.match(await install(place), { changes: [], runs: true })
    t.match(statSync(place.file), { ino, mtimeMs }, 'what is there is not written again')
    t.strictSame(newCalls(), again)

    writeFileSync(place.file, planned.text.replaceAll('repowire.js', 'older.js'))
    t.equal(state(place), 'outdated')
    t.match(await install(place), { changes: [{ file: place.file }], runs: true })
    t.equal(readFileSync(place.file, 'utf8'), planned.text)
    t.strictSame(newCalls(), changed)

    t.match(await remove(place), { changes: [{ file: place.file }], warnings: [] })
    t.notOk(existsSync(place.file))
    t.strictSame(newCalls(), out)
    t.match(await remove(place), { changes: [], warnings: [] })
    t.strictSame(newCalls(), [], 'and nothing is run when there is nothing')
  })

  t.test(`on ${platform} a file of that name that is not ours is refused, and stays`, async (t) => {
    const place = makePlace(t, platform)
    mkdirSync(dirname(place.file), { recursive: true })
    writeFileSync(place.file, 'of another program')
    t.equal(
      codeThrown(() => plan(place)),
      'service-taken',
    )
    t.equal(state(place), 'taken')
    t.match(await remove(place), { changes: [], warnings: [/stays there/] })
    t.equal(readFileSync(place.file, 'utf8'), 'of another program')
    t.strictSame(place.calls(), [])
  })

  t.test(
    `on ${platform} a manager that cannot be reached leaves the file, and a line what to run`,
    async (t) => {
      const place = makePlace(t, platform)
      writeFileSync(`${place.env.CALLS}.broken`, '')
      const report = await install(place)
      t.match(report, { changes: [{ file: place.file }], runs: false })
      t.match(report.warnings, [/No medium found.* Run: (systemctl --user|launchctl bootstrap)/])
      t.equal(report.warnings.length, 1)
      await remove(place)
      t.notOk(existsSync(place.file))
    },
  )

  t.test(`on ${platform} a read-only file is left as it is`, async (t) => {
    const place = makePlace(t, platform)
    await install(place)
    writeFileSync(place.file, readFileSync(place.file, 'utf8').replaceAll('repowire.js', 'older.js'))
    chmodSync(place.file, 0o444)
    t.equal(
      codeThrown(() => plan(place)),
      'not-writable',
    )
    await t.rejects(remove(place), { code: 'not-writable' })
    t.ok(existsSync(place.file))
  })
}

t.test(
  'a unit is removed wherever it lies, with the link that started it, also without a manager',
  async (t) => {
    const place = makePlace(t)
    writeFileSync(`${place.env.CALLS}.broken`, '')
    const { file, text } = plan({ ...place, env: { ...place.env, XDG_CONFIG_HOME: '' } })
    t.equal(file, join(place.env.HOME as string, '.config', 'systemd', 'user', UNIT))
    const wants = join(dirname(file), 'default.target.wants')
    mkdirSync(wants, { recursive: true })
    writeFileSync(file, text)
    symlinkSync(file, join(wants, UNIT))
    t.match(await remove(place), { changes: [{ file }], warnings: [/systemd said: .*No medium found/] })
    t.notOk(existsSync(file))
    t.strictSame(readdirSync(wants), [])
  },
)

t.test('a relative XDG_CONFIG_HOME does not count', async (t) => {
  const place = makePlace(t)
  const { file } = plan({ ...place, env: { ...place.env, XDG_CONFIG_HOME: 'config' } })
  t.equal(file, join(place.env.HOME as string, '.config', 'systemd', 'user', UNIT))
})

t.test('the service finds the mailbox, and tmux where the set-up found it', async (t) => {
  const place = makePlace(t)
  const { text } = plan(place)
  const { HOME, PATH = '' } = place.env
  t.match(text, `\nEnvironment="REPOWIRE_HOME=${place.tree.root}"\n`)
  t.match(text, `\nEnvironment="REPOWIRE_STATE=${place.tree.state}"\n`)
  t.match(text, `\nEnvironment="HOME=${HOME}"\n`)
  t.match(text, `\nEnvironment="PATH=${PATH.split(':')[0]}:/usr/local/bin:`)
  await install(place)
  t.equal(
    state({ ...place, env: { ...place.env, PATH: '/usr/bin' } }),
    'current',
    'for who has another PATH, too',
  )
})

t.test('a system without a manager that we know is told so before anything is written', async (t) => {
  const place = makePlace(t)
  t.equal(
    codeThrown(() => plan({ ...place, platform: 'freebsd' })),
    'service-missing',
  )
  t.equal(
    codeThrown(() => plan({ ...place, env: { ...place.env, PATH: '/nowhere' } })),
    'service-missing',
  )
  t.equal(state({ ...place, platform: 'freebsd' }), 'unknown')
  t.match(await remove({ ...place, platform: 'freebsd' }), { changes: [], warnings: [] })
  t.notOk(existsSync(place.config))
})
