/** What is said between a load and its processes. */

/** A session whose client listens on a socket of its own, and says in `file` how it is. */
export type Seat = { address: string; socket: string; file: string }

export type Order =
  | { do: 'serve'; addresses: string[] }
  | { do: 'sit'; seats: Seat[] }
  /** `boxes` are taken by a clerk and `sessions` are given by the courier; not more than `ahead` of the former are under way at once. */
  | {
      do: 'write'
      count: number
      writer: number
      seed: number
      boxes: string[]
      sessions: string[]
      ahead: number
    }
  /** So many more of this writer's have been taken. */
  | { do: 'go-on'; taken: number }

/** `ms`: of `sent` what the verb took, of `taken` since before the verb was called. */
export type Line =
  | { event: 'ready' }
  | { event: 'sent'; id: string; ms: number }
  | { event: 'bare'; ms: number }
  | { event: 'taken'; id: string; ms?: number; writer?: number }

export type Say = (line: Line) => void

/** In ms since the epoch, to a thousandth, and never set. */
export const now = () => performance.timeOrigin + performance.now()
