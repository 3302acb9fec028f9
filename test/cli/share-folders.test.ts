// `repowire share syncthing` beside a server that lists folders as Syncthing does.

import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { withIgnores } from '../../src/courier/syncthing.ts'
import { codeOf } from '../../src/protocol/errors.ts'
import { readShare } from '../../src/spool/share.ts'
import { shareCommand } from '../../src/surfaces/cli/share.ts'
import { makeWorld } from '../world.ts'

const folder = (id: string, path: string) => ({
  ...{ id, path, type: 'sendreceive', paused: false, ignorePerms: false, ignoreDelete: false },
  ...{ fsWatcherEnabled: true, fsWatcherDelayS: 10, versioning: { type: '' } },
})

/** A world in these folders of a node, by their paths from its directory; and the command there. */
async function makeFolders(t: Test, ...places: string[]) {
  const world = makeWorld(t)
  const folders = places.map((place) => folder(`id of ${place}`, join(world.dir, place)))
  const server = createServer((_, response) => void response.end(JSON.stringify(folders))).listen(
    0,
    '127.0.0.1',
  )
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  Object.assign(process.env, world.env)
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    ...world,
    // What it says to a person has lines that a reader of TAP takes for its own.
    share: () => shareCommand('syncthing', { api, apiKey: 'k', dryRun: false, json: true }),
  }
}

t.test('of folders in folders the innermost is the one that holds the root', async (t) => {
  const { tree, dir, share } = await makeFolders(t, '.', 'root', 'state')
  t.equal(await share(), 0)
  t.match(readShare(tree), { folder: 'id of root', prefix: '' })
  t.match(readFileSync(join(tree.root, '.stignore'), 'utf8'), /^\(\?d\)\/tmp$/m)
  t.notOk(existsSync(join(dir, '.stignore')))
})

t.test('a path with the characters of a pattern is ignored as it is', async (t) => {
  const lines = withIgnores('', 'a*[b]{c,d}?\\/', 'state[1]').split('\n')
  t.strictSame(lines.slice(1, 3), ['(?d)/a\\*\\[b\\]\\{c,d\\}\\?\\\\/tmp', '/state\\[1\\]'])
})

t.test('ignores that are not UTF-8 are left as they are, and nothing is remembered', async (t) => {
  const { tree, share } = await makeFolders(t, 'root')
  const latin = Buffer.from('// f\xfcr mich\n*.iso\n', 'latin1')
  writeFileSync(join(tree.root, '.stignore'), latin)
  t.equal(await share().catch(codeOf), 'share-failed')
  t.ok(readFileSync(join(tree.root, '.stignore')).equals(latin))
  t.equal(readShare(tree), undefined)
})
