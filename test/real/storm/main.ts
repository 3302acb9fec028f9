// `npm run storm -- --questions 200 --seed 1`: prints the counts; 1 where one that must be zero is not.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Office } from '../office.ts'
import { storm } from './storm.ts'

const USAGE = 'Usage: npm run storm -- [--questions 200] [--seed 1] [--record <file>]'

function readOptions() {
  const options = {
    questions: { type: 'string' },
    seed: { type: 'string' },
    record: { type: 'string' },
  } as const
  try {
    const { values } = parseArgs({ options })
    const [questions, seed] = [whole(values.questions ?? '200'), whole(values.seed ?? '1')]
    return { questions, seed, file: values.record }
  } catch (error) {
    console.error(`storm: ${(error as Error).message}. ${USAGE}`)
    process.exit(2)
  }
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`"${text}" is no whole number`)
  return Number(text)
}

const { questions, seed, file } = readOptions()
let office: Office | undefined
let told = ''
const say = (text: string) => {
  if (text !== told) console.error(text)
  told = text
}
process.once('SIGINT', () => void office?.close().finally(() => process.exit(130)))
/** With what the journal says and what the models were asked: enough to see what happened to one message. */
async function keep(report: object): Promise<void> {
  if (file === undefined) return
  const journal = await office?.journal()
  const asked = office?.model.requests.map(({ request, ...of }) => ({
    ...of,
    last: request.messages.slice(-4),
  }))
  writeFileSync(file, JSON.stringify({ ...report, journal, asked }, null, 1))
}

try {
  const { verdict, record, deeds, doors } = await storm({ questions, seed }, say, (it) => (office = it))
  await keep({ verdict, record, deeds, doors })
  for (const fault of verdict.faults) console.error(fault)
  const { lost, twice, mispaired, dialogs, drafts, ...sums } = verdict.counts
  console.log(
    `seed ${seed}: ${JSON.stringify(sums)}, by door ${JSON.stringify(doors)}, deeds ${JSON.stringify(deeds)}`,
  )
  console.log(
    `${lost} lost, ${twice} twice, ${mispaired} mispaired, ${dialogs} dialogs answered, ${drafts} drafts changed`,
  )
  process.exitCode = verdict.faults.length === 0 ? 0 : 1
} catch (error) {
  await keep({ error: String(error) })
  console.error(error instanceof Error ? error.stack : error)
  process.exitCode = 1
} finally {
  await office?.close()
}
