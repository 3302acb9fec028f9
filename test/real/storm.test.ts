// A short storm; the long one is `npm run storm`. Its dice are the same in every run, what comes of them is not.
import t from 'tap'
import type { Office } from './office.ts'
import { storm } from './storm/storm.ts'

t.setTimeout(480_000)

t.test(
  'six questions in a storm: none is lost, doubled or mispaired, no dialog answered, no draft changed',
  async (t) => {
    const offices: Office[] = []
    t.teardown(() => Promise.all(offices.map((office) => office.close())))
    const { verdict, deeds } = await storm(
      { questions: 6, seed: 7, haste: 4 },
      () => {},
      (office) => offices.push(office),
    )
    const journal = (await offices[0]?.journal())?.filter(({ id }) =>
      verdict.faults.some((it) => it.includes(`${id}`)),
    )
    t.strictSame(verdict.faults, [], { journal })
    t.ok(verdict.counts.answered > 0, `${verdict.counts.answered} answered`)
    t.ok(Object.keys(deeds).length >= 2, `deeds: ${JSON.stringify(deeds)}`)
  },
)
