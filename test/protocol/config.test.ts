import t from 'tap'
import { KEYS, parseConfig, standardConfig } from '../../src/protocol/config.ts'
import { explain } from '../../src/protocol/errors.ts'

const STANDARD = {
  doors: ['tmux', 'socket'],
  chain_depth: 8,
  turns_per_hour: 60,
  repair_seconds: 60,
  circles: {},
  hold_weaker: true,
  allow: ['* -> *'],
  deny: [],
}

const OWN = { hold_weaker: false, allow: ['@desktop -> backend'], deny: ['* -> circle:shop'] }

t.test('without settings the standard values count', async (t) => {
  t.strictSame(standardConfig(), STANDARD)
  t.strictSame(parseConfig('{}'), { config: STANDARD, complaints: [] })
})

t.test('every key can be set', async (t) => {
  const circles = { '~/src': 'billing' }
  const config = { doors: ['socket'], chain_depth: 0, turns_per_hour: 5, repair_seconds: 7, circles }
  t.strictSame(parseConfig(JSON.stringify(config)), { config: { ...STANDARD, ...config }, complaints: [] })
  t.strictSame(parseConfig(JSON.stringify(OWN), true), { config: { ...STANDARD, ...OWN }, complaints: [] })
  t.strictSame([...Object.keys(config), ...Object.keys(OWN)], Object.keys(KEYS))
})

t.test('what is of one host counts in its own file, and everything else in that of all', async (t) => {
  for (const [own, all] of [
    [true, false],
    [false, true],
  ] as const) {
    const { config, complaints } = parseConfig(JSON.stringify(own ? { chain_depth: 3 } : OWN), own)
    t.strictSame(config, STANDARD)
    t.equal(complaints.length, all ? 3 : 1)
    for (const wrong of complaints) t.match(explain(wrong), /does not count here: .*\[bad-config\]$/)
  }
})

const WRONG: [name: string, values: unknown[]][] = [
  ['doors', ['tmux', ['tmux', 'tmux'], ['door'], null, {}, [null]]],
  ['chain_depth', [-1, 1.5, '8', null, [], 2 ** 53]],
  ['turns_per_hour', [-1, 0.5, '60', true]],
  ['repair_seconds', [0, -1, 0.5, '60', null]],
  [
    'circles',
    [null, [], 'billing', { work: 'x' }, { '~ada/x': 'x' }, { '/x': 'X' }, { '/x': null }, { '/x': '' }],
  ],
]

for (const [name, values] of WRONG) {
  t.test(`a wrong value of ${name} is complained of, and the standard one counts`, async (t) => {
    for (const value of values) {
      const { config, complaints } = parseConfig(
        JSON.stringify({ [name]: value, chain_depth: 3, [name]: value }),
      )
      t.strictSame(config[name as 'doors'], STANDARD[name as 'doors'], JSON.stringify(value))
      t.match(complaints.map(explain), [new RegExp(`"${name}" must be .*\\[bad-config\\]$`)])
    }
  })
}

t.test('a wrong value of what is of one host is complained of, and lets nobody in', async (t) => {
  const wrong = { hold_weaker: 'no', allow: 'x -> y', deny: ['x'] }
  const strict = { hold_weaker: true, allow: [], deny: ['* -> *'] }
  for (const [name, value] of Object.entries(wrong)) {
    const { config, complaints } = parseConfig(JSON.stringify({ [name]: value }), true)
    t.strictSame(config, { ...STANDARD, [name]: strict[name as 'allow'] })
    t.match(complaints.map(explain), [new RegExp(`"${name}" must be .*\\[bad-config\\]$`)])
  }
})

t.test('a wrong key costs no other key', async (t) => {
  t.match(parseConfig('{"turns_per_hour":7,"chain_depth":"x"}').config, { turns_per_hour: 7, chain_depth: 8 })
})

t.test('an unknown key is answered with the nearest one, and costs nothing', async (t) => {
  const { config, complaints } = parseConfig('{"turns_per_our":7,"__proto__x":1}')
  t.strictSame(config, STANDARD)
  t.match(complaints[0]?.message, /no key "turns_per_our"; did you mean "turns_per_hour"/)
  t.equal(complaints.length, 2)
})

t.test("a key that another program owns is nobody's mistake", async (t) => {
  t.strictSame(parseConfig('{"x_mine":1}').complaints, [])
})

for (const text of ['', '{', '[]', 'null', '7', '"doors"', '{"doors":["tmux"]} x']) {
  t.test(`"${text}" sets nothing, and is complained of`, async (t) => {
    const { config, complaints } = parseConfig(text)
    t.strictSame(config, STANDARD)
    t.match(complaints.map(explain), [/is not one JSON object.*\[bad-config\]$/])
  })
}
