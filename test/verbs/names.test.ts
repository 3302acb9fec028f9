// Which name a directory gets, and whose a name is when directories come, go and move. mailbox-spec §3, §5

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { isAddress } from '../../src/protocol/address.ts'
import type { Card } from '../../src/protocol/card.ts'
import { removeCard } from '../../src/spool/cards.ts'
import { branchOf, topLevel } from '../../src/spool/repository.ts'
import { notify } from '../../src/verbs/notify.ts'
import { register } from '../../src/verbs/register.ts'
import { rename } from '../../src/verbs/rename.ts'
import { settle } from '../../src/verbs/settle.ts'
import { enrol, filesIn, mailOf, makeWorld, plainEnv, startProcess, type World } from '../world.ts'

/** A session in this directory; it lives until `end`. */
function session(t: Test, { tree }: World, directory: string, name?: string) {
  const { mark, end } = startProcess(t)
  const applicant = { agent: 'other' as const, directory, process: mark, ...(name && { name }) }
  return { card: register(tree, applicant), end }
}

function addressIn(t: Test, world: World, directory: string, name?: string): string {
  return session(t, world, directory, name).card.address
}

/** A session that has come and gone. */
async function former(t: Test, world: World, directory: string, name?: string): Promise<Card> {
  const { card, end } = session(t, world, directory, name)
  await end()
  return card
}

function directory({ dir }: World, ...names: string[]): string {
  const made = join(dir, 'src', ...names)
  mkdirSync(made, { recursive: true })
  return made
}

function git(cwd: string, ...args: string[]): void {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'protocol.file.allow=always']
  execFileSync('git', [...who, ...args], {
    cwd,
    env: plainEnv({ GIT_CONFIG_GLOBAL: '/dev/null' }),
    stdio: 'pipe',
  })
}

/** A repository with one commit. */
function repository(world: World, ...names: string[]): string {
  const top = directory(world, ...names)
  git(top, 'init', '-q', '-b', 'main')
  git(top, 'commit', '-q', '--allow-empty', '-m', 'first')
  return top
}

t.test('work trees', async (t) => {
  t.test(
    'a linked work tree is a directory of its own, inside of its repository and beside it',
    async (t) => {
      const world = makeWorld(t)
      const top = repository(world, 'shop')
      git(top, 'worktree', 'add', '-q', '../shop-login', '-b', 'login')
      git(top, 'worktree', 'add', '-q', '.trees/fix', '-b', 'fix')
      const deep = directory(world, 'shop', '.trees', 'fix', 'packages', 'api')
      t.equal(addressIn(t, world, top), 'shop@laptop')
      t.equal(addressIn(t, world, join(top, '..', 'shop-login')), 'shop-login@laptop')
      const { card } = session(t, world, deep)
      t.match(card, { address: 'fix@laptop', directory: join(top, '.trees', 'fix') })
      t.equal(branchOf(deep), 'fix')
    },
  )

  t.test('a submodule is a directory of its own', async (t) => {
    const world = makeWorld(t)
    const [top, library] = [repository(world, 'shop'), repository(world, 'library')]
    git(top, 'submodule', '--quiet', 'add', library, 'vendor/lib')
    t.equal(topLevel(join(top, 'vendor', 'lib')), join(top, 'vendor', 'lib'))
    t.equal(addressIn(t, world, join(top, 'vendor', 'lib')), 'lib@laptop')
    t.equal(addressIn(t, world, join(top, 'vendor')), 'shop@laptop', 'what is around it is not')
    t.equal(branchOf(join(top, 'vendor', 'lib')), 'main')
  })

  t.test('a work tree that git moves keeps its name', async (t) => {
    const world = makeWorld(t)
    const top = repository(world, 'shop')
    git(top, 'worktree', 'add', '-q', '../login', '-b', 'login')
    await former(t, world, join(top, '..', 'login'))
    git(top, 'worktree', 'move', '../login', '../sign-in')
    t.equal(addressIn(t, world, join(top, '..', 'sign-in')), 'login@laptop')
  })

  t.test('a link to a directory is that directory', async (t) => {
    const world = makeWorld(t)
    await former(t, world, directory(world, 'backend'))
    symlinkSync(join(world.dir, 'src', 'backend'), join(world.dir, 'elsewhere'))
    t.equal(addressIn(t, world, join(world.dir, 'elsewhere')), 'backend@laptop')
  })
})

t.test('what directories may be called', async (t) => {
  for (const [name, address] of [
    ['My App', 'my-app'],
    ['ÄÖÜ Straße', 'aou-stra-e'],
    ['caf\u00e9', 'cafe'],
    ['cafe\u0301', 'cafe'],
    ['日本語', 'peer'],
    ['日本語 api', 'api'],
    ['🚀', 'peer'],
    ['🚀🚀 launch 🚀', 'launch'],
    ['...', 'peer'],
    ['-', 'peer'],
    ['a\nb', 'a-b'],
    ["it's; rm -rf $HOME", 'it-s-rm-rf-home'],
    ['..backend..', 'backend'],
    ['api-2', 'api-2'],
    ['ＦＵＬＬ', 'full'],
    ['x'.repeat(255), 'x'.repeat(57)],
    [`${'a'.repeat(56)} b`, 'a'.repeat(56)],
  ] as const) {
    t.test(
      `${JSON.stringify(name.slice(0, 30))} gives ${address.slice(0, 20)}, and the next of it the next`,
      async (t) => {
        const world = makeWorld(t)
        const place = directory(world, name)
        const { card, end } = session(t, world, place)
        t.equal(card.address, `${address}@laptop`)
        t.equal(card.directory, place)
        t.equal(addressIn(t, world, place), `${address}-2@laptop`)
        await end()
        t.equal(addressIn(t, world, place), `${address}@laptop`, 'and it is taken over')
        t.ok(filesIn(join(world.tree.root, 'peers')).every((file) => isAddress(file.replace(/\.json$/, ''))))
      },
    )
  }

  t.test('".." and a slash at the end are no part of a name', async (t) => {
    const world = makeWorld(t)
    const place = directory(world, 'backend', 'deep')
    t.equal(addressIn(t, world, `${place}/..`), 'backend@laptop')
    t.equal(addressIn(t, world, `${place}/`), 'deep@laptop')
  })

  t.test('a path of more than 300 characters gives the name of its last part', async (t) => {
    const world = makeWorld(t)
    const place = directory(world, ...Array(6).fill('d'.repeat(60)), 'backend')
    t.ok(place.length > 360)
    const { card, end } = session(t, world, place)
    t.equal(card.address, 'backend@laptop')
    await end()
    t.equal(addressIn(t, world, place), 'backend@laptop')
  })

  t.test('two spellings of one name are two directories, and get two names', async (t) => {
    const world = makeWorld(t)
    const spelled = ['caf\u00e9', 'cafe\u0301', 'CAFE', 'cafe'].map((name) => directory(world, name))
    const expected = ['cafe', 'cafe-2', 'cafe-3', 'cafe-4'].map((name) => `${name}@laptop`)
    const first = spelled.map((place) => session(t, world, place))
    t.strictSame(
      first.map(({ card }) => card.address),
      expected,
    )
    for (const { end } of first) await end()
    const again = [...spelled].reverse().map((place) => addressIn(t, world, place))
    t.strictSame(again.reverse(), expected, 'each takes over its own, in whatever order they come')
  })

  t.test('the tenth session of the longest name has a name of the grammar', async (t) => {
    const world = makeWorld(t)
    const place = directory(world, 'x'.repeat(255))
    const names = Array.from({ length: 10 }, () => addressIn(t, world, place))
    t.equal(names.at(-1), `${'x'.repeat(57)}-10@laptop`)
    t.ok(names.every(isAddress))
    t.equal(new Set(names).size, 10)
  })

  t.test('a directory api-2 and the second session of api are never one', async (t) => {
    const world = makeWorld(t)
    const [api, second] = [directory(world, 'api'), directory(world, 'api-2')]
    const first = [api, api, second].map((place) => session(t, world, place))
    const expected = ['api@laptop', 'api-2@laptop', 'api-2-2@laptop']
    t.strictSame(
      first.map(({ card }) => card.address),
      expected,
    )
    for (const { end } of first) await end()
    t.equal(addressIn(t, world, second), 'api-2-2@laptop')
    t.equal(addressIn(t, world, api), 'api@laptop')
    t.equal(addressIn(t, world, api), 'api-2@laptop')
  })
})

t.test('a name that is wished for', async (t) => {
  t.test('is given, and taken over by the next session that wishes for it', async (t) => {
    const world = makeWorld(t)
    const place = directory(world, 'backend')
    t.equal((await former(t, world, place, 'api')).address, 'api@laptop')
    t.equal(addressIn(t, world, place, 'api'), 'api@laptop')
    t.equal(addressIn(t, world, place, 'api'), 'api-2@laptop', 'one at a time')
    t.equal(addressIn(t, world, place), 'backend@laptop', 'without a wish it is that of the directory')
  })

  t.test('is made a name', async (t) => {
    const world = makeWorld(t)
    t.equal(addressIn(t, world, directory(world, 'a'), ' My API! '), 'my-api@laptop')
    t.equal(addressIn(t, world, directory(world, 'b'), '日本語'), 'peer@laptop')
  })

  t.test('is not given where it is that of another directory, dead or alive', async (t) => {
    const world = makeWorld(t)
    await former(t, world, directory(world, 'api'))
    t.equal(addressIn(t, world, directory(world, 'backend'), 'api'), 'api-2@laptop')
  })
})

t.test('directories that move', async (t) => {
  /** A directory of which a session has come and gone, and for which a notice waits. */
  async function left(t: Test) {
    const world = makeWorld(t)
    const me = enrol(t, world, 'frontend')
    const place = directory(world, 'backend')
    await former(t, world, place)
    const { id } = notify(world.tree, me.address, 'backend', 'main is frozen')
    return { world, place, mail: [`new/${id}.notice.json`] }
  }

  t.test('one that was moved keeps its name and its mail', async (t) => {
    const { world, place, mail } = await left(t)
    renameSync(place, join(world.dir, 'src', 'server'))
    const { card } = session(t, world, join(world.dir, 'src', 'server'))
    t.match(card, { address: 'backend@laptop', directory: join(world.dir, 'src', 'server') })
    t.strictSame(mailOf(world.tree, card.address), mail)
  })

  t.test('and so does one whose parent was moved', async (t) => {
    const { world } = await left(t)
    renameSync(join(world.dir, 'src'), join(world.dir, 'code'))
    t.equal(addressIn(t, world, join(world.dir, 'code', 'backend')), 'backend@laptop')
  })

  t.test('and one that is moved back, or moved twice', async (t) => {
    const { world, place } = await left(t)
    const [one, two] = ['one', 'two'].map((name) => join(world.dir, 'src', name)) as [string, string]
    renameSync(place, one)
    t.equal((await former(t, world, one)).address, 'backend@laptop')
    renameSync(one, two)
    t.equal((await former(t, world, two)).address, 'backend@laptop')
    renameSync(two, place)
    t.equal(addressIn(t, world, place), 'backend@laptop')
  })

  t.test('a copy is another directory, also when the first is removed', async (t) => {
    const { world, place, mail } = await left(t)
    const copy = join(world.dir, 'src', 'copy', 'backend')
    cpSync(place, copy, { recursive: true, preserveTimestamps: true })
    t.equal(addressIn(t, world, copy), 'backend-2@laptop')
    rmSync(place, { recursive: true })
    t.equal(addressIn(t, world, directory(world, 'other', 'backend')), 'backend-3@laptop')
    t.strictSame(mailOf(world.tree, 'backend@laptop'), mail)
  })

  t.test('where the old path exists again its name is that of the path', async (t) => {
    const { world, place, mail } = await left(t)
    const aside = join(world.dir, 'src', 'backend-old')
    renameSync(place, aside)
    mkdirSync(place)
    t.equal(addressIn(t, world, aside), 'backend-old@laptop')
    t.equal(addressIn(t, world, place), 'backend@laptop')
    t.strictSame(mailOf(world.tree, 'backend@laptop'), mail)
  })

  t.test(
    'one that moves while its session lives is asked by its name, and the next session has it',
    async (t) => {
      const world = makeWorld(t)
      const place = directory(world, 'backend')
      const { card, end } = session(t, world, place)
      renameSync(place, join(world.dir, 'src', 'server'))
      t.equal(addressIn(t, world, join(world.dir, 'src', 'server')), 'server@laptop', 'beside a living one')
      await end()
      t.equal(addressIn(t, world, join(world.dir, 'src', 'server')), card.address)
    },
  )

  t.test('a name that was given by a rename moves with its directory', async (t) => {
    const world = makeWorld(t)
    const place = directory(world, 'backend')
    const { card, end } = session(t, world, place)
    rename(world.tree, card, 'api')
    await end()
    renameSync(place, join(world.dir, 'src', 'server'))
    t.equal(addressIn(t, world, join(world.dir, 'src', 'server')), 'api@laptop')
  })
})

t.test('a directory that was name-2 stays so when name is free, and finds its mail', async (t) => {
  const world = makeWorld(t)
  const me = enrol(t, world, 'frontend')
  await former(t, world, directory(world, 'backend'))
  const other = directory(world, 'other', 'backend')
  t.equal((await former(t, world, other)).address, 'backend-2@laptop')
  const { id } = notify(world.tree, me.address, 'backend-2', 'main is frozen')
  removeCard(world.tree, 'backend@laptop') // retired: nobody came for thirty days
  t.equal(addressIn(t, world, other), 'backend-2@laptop')
  t.strictSame(mailOf(world.tree, 'backend-2@laptop'), [`new/${id}.notice.json`])
})

t.test('of several that one directory had the lowest is taken over first', async (t) => {
  const world = makeWorld(t)
  const place = directory(world, 'backend')
  const all = Array.from({ length: 11 }, () => session(t, world, place))
  for (const { end } of all) await end()
  const again = Array.from({ length: 11 }, () => addressIn(t, world, place))
  t.strictSame(
    again,
    all.map(({ card }) => card.address),
  )
})

t.test('a name is kept while mail remains for it, although its card is gone', async (t) => {
  const world = makeWorld(t)
  const { tree } = world
  const me = enrol(t, world, 'frontend')
  const place = directory(world, 'backend')
  const card = await former(t, world, place)
  notify(tree, me.address, 'backend', 'main is frozen')
  settle(tree, card)
  writeFileSync(join(tree.root, 'peers', 'backend@laptop.json'), '')
  t.equal(addressIn(t, world, directory(world, 'other', 'backend')), 'backend-2@laptop')
  removeCard(tree, 'backend@laptop')
  t.equal(addressIn(t, world, directory(world, 'third', 'backend')), 'backend-3@laptop')
  t.equal(mailOf(tree, 'backend@laptop').length, 1)
})
