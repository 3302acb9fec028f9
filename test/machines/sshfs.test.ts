import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fileSystemOf } from '../../src/spool/file-system.ts'
import { makeDir } from '../world.ts'
import { startSshd, withoutSshfs } from './sshfs.ts'

t.test(
  'a mount shows what is served, fails when it is cut, and is gone afterwards',
  { skip: withoutSshfs() },
  async (t) => {
    const dir = makeDir(t)
    const [far, near] = [join(dir, 'far'), join(dir, 'near')]
    for (const one of [far, near]) mkdirSync(one)
    const sshd = await startSshd()
    t.teardown(sshd.close)
    const mount = await sshd.mount(far, near, 'dir_cache=no')
    t.equal(fileSystemOf(near), 'fuse')
    writeFileSync(join(far, 'a'), 'text')
    t.equal(readFileSync(join(near, 'a'), 'utf8'), 'text')
    await mount.cut()
    t.throws(() => readdirSync(near), { code: 'ENOTCONN' })
    await sshd.close()
    t.strictSame(readdirSync(near), [])
  },
)
