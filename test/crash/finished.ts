/** What holds as well once whoever comes next has been there, and what is old has been swept. */

import { type Card, sameProcess } from '../../src/protocol/card.ts'
import { liveness } from '../../src/spool/process.ts'
import { cardsOn, isReplyTo } from './invariants.ts'
import { type AskFile, asksOn, type File, type Letter, lettersOn } from './on-disk.ts'

/** Everything that is left over, in words; `before`: what lay there before the act. */
export function leftIn(disk: File[], before: File[]): string[] {
  const letters = lettersOn(disk)
  const over = cardsOn(before).filter(({ process }) => liveness(process) === 'dead')
  return [
    ...letters.flatMap((letter) => answeredStill(letter, letters, disk)),
    ...disk.flatMap(({ path }) => (isLitter(path) ? [`litter is left: ${path}`] : [])),
    ...disk.flatMap(({ path }) => givenStill(path, letters)),
    ...asksOn(disk).flatMap((ask) => [...askedStill(ask, letters, disk), ...waitsStill(ask, over)]),
  ]
}

function answeredStill({ path, state, message }: Letter, letters: Letter[], disk: File[]): string[] {
  if (message?.kind !== 'query' || !['new', 'cur', 'open'].includes(state)) return []
  const found = letters.some((it) => isReplyTo(it, message.id, message.from, disk))
  return found ? [`a query has its reply and is not ended: ${path}`] : []
}

function isLitter(path: string): boolean {
  return /^root\/tmp\/[^/]+\/./.test(path) || /^(root|state)\/.*\.tmp$/.test(path)
}

function givenStill(path: string, letters: Letter[]): string[] {
  const [, id] = path.match(/^state\/given\/(.+)\.json$/) ?? []
  const open = letters.some(
    ({ state, file }) => file === `${id}.query.json` && !['done', 'dead'].includes(state),
  )
  return id === undefined || open ? [] : [`a query that has ended is still said to be given: ${path}`]
}

/** asks/ forgets a query whose reply was consumed. */
function askedStill({ path, address, id }: AskFile, letters: Letter[], disk: File[]): string[] {
  const consumed = letters.some((it) => it.state === 'done' && isReplyTo(it, id, address, disk))
  return consumed ? [`a question whose answer was consumed still counts as asked: ${path}`] : []
}

/** What a peer waited for whose process is over is late. */
function waitsStill({ path, state, process }: AskFile, over: Card[]): string[] {
  const waits =
    state === 'blocked' && over.some((card) => process !== undefined && sameProcess(card.process, process))
  return waits ? [`a process that is over is said to wait: ${path}`] : []
}
