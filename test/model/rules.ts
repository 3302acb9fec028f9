/** What the spec allows of each move, and of each name in the two trees. */

import { isAddress } from '../../src/protocol/address.ts'
import { STATES, type State } from '../../src/protocol/layout.ts'
import type { File } from '../crash/on-disk.ts'
import { ROWS } from '../fixtures/spec-rows.ts'
import type { Move } from './seam.ts'

const FURTHER: Partial<Record<string, State[]>> = {
  new: ['cur', 'open', 'done', 'dead'],
  cur: ['open', 'done', 'dead'],
  open: ['done', 'dead'],
}

/** "new → cur" for each of the spec's table of moves; '' is nothing. */
const ALLOWED = new Set([
  ...ROWS.filter(({ section }) => section === '7.1').flatMap(({ name }) => pairsOf(name)),
  'held → dead',
])

function pairsOf(row: string): string[] {
  const [from = '', to = ''] = row.split('→').map((part) => part.trim())
  const sources = from === 'nothing' || from === '' ? [''] : from.split(', ')
  return sources.flatMap((source) => {
    if (to === 'a later one') return (FURTHER[source] ?? []).map((later) => `${source} → ${later}`)
    return [`${source} → ${to === 'nothing' ? '' : to}`]
  })
}

type Place = { address: string; state: State; file: string }

function placeOf(path: string): Place | undefined {
  const [, address = '', state = '', file = ''] =
    path.match(/\/root\/inbox\/([^/]+)\/([a-z]+)\/([^/]+)$/) ?? []
  return STATES.includes(state as State) ? { address, state: state as State, file } : undefined
}

/** What is wrong with a move that was made; `isThere`: the file is somewhere else, too. */
export function wrongMove(
  { from, to, replaced }: Omit<Move, 'act'>,
  isThere: (file: string) => boolean,
): string[] {
  const [source, target] = [placeOf(from), placeOf(to)]
  if (source === undefined && target === undefined) return []
  const said = `${short(from)} → ${short(to)}`
  if (replaced) return [`a move replaced a message: ${said}`]
  if (source !== undefined && target !== undefined && source.address !== target.address)
    return source.state === target.state ? [] : [`a message was forwarded to another state: ${said}`]
  const copy = source !== undefined && target === undefined && isThere(source.file)
  const pair = `${source?.state ?? ''} → ${target?.state ?? ''}`
  return copy || ALLOWED.has(pair) ? [] : [`the spec has no such move: ${said}`]
}

const short = (path: string) => path.replace(/^.*\/root\//, '') || 'nothing'

const NAME = '[a-z0-9-]+'
const ID = '\\d{8}t\\d{9}z-[0-9a-z]{8}'
const MESSAGE = `${ID}\\.(query|reply|notice|cancel)\\.json`
const TEMPORARY = '\\d+-[0-9a-z]+-\\d+'

/** Every path that the spec has, below the directory of the test. */
const KNOWN = [
  'root/',
  'root/mailbox\\.json',
  `root/(peers|inbox|hosts|tmp)/`,
  `root/peers/(${NAME}@${NAME})\\.json`,
  `root/hosts/${NAME}\\.json`,
  `root/tmp/${NAME}/(${TEMPORARY})?`,
  `root/inbox/(${NAME}@${NAME})/((${STATES.join('|')}|asks)/)?`,
  `root/inbox/(${NAME}@${NAME})/paused\\.json`,
  `root/inbox/(${NAME}@${NAME})/(${STATES.join('|')})/${MESSAGE}`,
  `root/inbox/(${NAME}@${NAME})/asks/${ID}\\.(blocked|late)\\.json`,
  'state/',
  'state/(host\\.json|shared)',
  'state/keys/(host\\.pem|frames)?',
  `state/tmp/(${TEMPORARY})?`,
  `state/outbox/(${MESSAGE})?`,
  'state/journal/(\\d{4}-\\d\\d-\\d\\d\\.jsonl)?',
  `state/given/(${ID}\\.json)?`,
  'state/by-pid/(\\d+\\.json)?',
  'state/answered/(\\d+\\.json)?',
  `state/take-over/(?:${NAME}@${NAME}\\.[\\w-]+(?:\\.json)?)?`,
  `state/turns/(?:${NAME}@${NAME}\\+${NAME}@${NAME})?`,
  `state/(?:since|unripe)/(?:${NAME}@${NAME}\\+${MESSAGE})?`,
  `state/told/(?:${NAME}@${NAME}\\.json)?`,
].map((pattern) => new RegExp(`^${pattern}$`))

export function strangeNames(disk: File[]): string[] {
  return disk.flatMap(({ path }) => {
    if (!/^(root|state)\//.test(path)) return []
    const match = KNOWN.map((pattern) => path.match(pattern)).find((found) => found !== null)
    if (match === undefined) return [`a file of no known name: ${path}`]
    const [, address] = match
    return address?.includes('@') && !isAddress(address) ? [`no address: ${path}`] : []
  })
}
