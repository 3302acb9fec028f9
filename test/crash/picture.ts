/** What lies on the disk, in words that two runs have in common: no times, no new ids, no pids, no temporary names. */

import { type Cast, isOurs } from './cast.ts'
import { type File, lettersOn } from './on-disk.ts'

/** The root without tmp/, the places of open questions, and the files of others; not the journal and the caches. */
export function pictureOf(disk: File[], cast: Cast): string[] {
  const open = lettersOn(disk).flatMap(({ state, message }) => (state === 'open' ? [message?.id] : []))
  const cards = disk.flatMap(({ path }) => path.match(/^root\/peers\/(.+)\.json$/)?.[1] ?? [])
  const drawn = disk.filter(
    ({ path }) =>
      (isDrawn(path) && !isVacant(path, cards)) || open.some((id) => path === `state/given/${id}.json`),
  )
  const lines = drawn.map((file) => {
    const { path, text } = lateOrNot({ ...file, text: plain(file.text.trim(), cast) })
    return `${path} ${text}`
  })
  return [...new Set(withoutIds(lines))].sort()
}

function isDrawn(path: string): boolean {
  return /^(root\/(?!tmp\/)|home\/)/.test(path) && !path.endsWith('.tmp')
}

/** A directory of a mailbox whose card was never published: nobody removes it, and it matters to nobody. */
function isVacant(path: string, cards: string[]): boolean {
  const [, address] = path.match(/^root\/inbox\/([^/]+)\/(?:[a-z]+\/)?$/) ?? []
  return address !== undefined && !cards.includes(address)
}

/** A wait whose process is over is a late one, and who waited does not matter then. mailbox-spec §9 */
function lateOrNot({ path, text }: File): { path: string; text: string } {
  const late = path.replace('.blocked.json', '.late.json')
  const isLate = late.endsWith('.late.json') && (late === path || text.includes('"process":over'))
  return isLate ? { path: late, text: text.replace(/"process":\w+/, '"process":over') } : { path, text }
}

function plain(text: string, cast: Cast): string {
  return text
    .replace(/"process":\{[^}]*\}/g, (mark) => `"process":${playerOf(mark, cast) ?? 'over'}`)
    .replace(/"[^"]*repowire-test-[^/"]*/g, '"…')
    .replace(/"directory_id":"[^"]*"/g, '"directory_id":…')
    .replace(/^\d{13}$/gm, '…')
    .replace(/"(at|sent|since|registered)":"[^"]*"/g, '"$1":…')
    .replace(/"(since|resumed)":\d{13}/g, '"$1":…')
    .replace(/"(host_id|key|epoch|place)":"[^"]*"/g, '"$1":…')
    .replace(/-----BEGIN PRIVATE KEY-----[^-]*/g, '…')
}

function playerOf(text: string, cast: Cast): string | undefined {
  const named = Object.entries(cast).find(([, { pid, start }]) =>
    text.includes(`"pid":${pid},"start":"${start}"`),
  )
  return named?.[0]
}

/** Ids that were made in the run become numbers, in the order in which they appear. */
function withoutIds(lines: string[]): string[] {
  const seen: string[] = []
  return lines.map((line) =>
    line.replace(/\d{8}t\d{9}z-[0-9a-z]{8}/g, (id) => {
      if (isOurs(id)) return id
      if (!seen.includes(id)) seen.push(id)
      return `id-${seen.indexOf(id)}`
    }),
  )
}

/** Everything that lies there, temporary files and the journal too: who finds the same does the same. */
export function wholePictureOf(disk: File[], cast: Cast): string {
  const lines = disk.map(({ path, text }) => `${withoutNumbers(path)} ${withoutNumbers(plain(text, cast))}`)
  return withoutIds(lines).join('\n')
}

/** The same sentence for the same thing in two runs. */
export function withoutNames(sentence: string): string {
  return withoutIds([withoutNumbers(sentence)]).join()
}

/** Temporary names begin with a pid. */
function withoutNumbers(text: string): string {
  return text
    .replace(/\d+-[0-9a-z]+-\d+(?=\.tmp|$)/g, 'temporary')
    .replace(/"pid":\d+/g, '"pid":…')
    .replace(/"start":"\d+"/g, '"start":…')
    .replace(/"host_id":"\w+"/g, '"host_id":…')
    .replace(/by-pid\/\d+/g, 'by-pid/…')
    .replace(/(\d{4}-\d\d-\d\dT[\d-]+Z)/g, 'then')
}
