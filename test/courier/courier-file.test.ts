import t from 'tap'
import { isToBeReplaced } from '../../src/courier/courier-file.ts'
import { BUILD } from '../../src/protocol/version.ts'
import { besideMe } from '../../src/spool/program.ts'
import { here } from '../world.ts'

const MINE = besideMe('repowire.js')
const SAME = '0.0.0'
const NEWER = '0.10.0'

for (const [what, version, program, build, replaced] of [
  ['this very build', SAME, MINE, BUILD, false],
  ['this very build in another place', SAME, '/other/repowire.js', BUILD, false],
  ['another build of this program', SAME, MINE, 'x', true],
  ['a newer build that was in the place of this program', NEWER, MINE, 'x', true],
  ['another installation of the same version', SAME, '/other/repowire.js', 'x', false],
  ['another installation of a newer version', NEWER, '/other/repowire.js', 'x', false],
] as const) {
  t.test(`a courier of ${what} ${replaced ? 'is replaced' : 'stays'}`, async (t) => {
    const courier = { process: here, program, version, build, since: '' }
    t.equal(isToBeReplaced(courier), replaced)
  })
}
