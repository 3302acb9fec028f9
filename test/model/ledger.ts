/**
 * The model: what each peer was told that it has sent, what it has said, and what it was shown. It knows nothing of directories,
 * and judges by the texts, each of which is the only one of its kind.
 */

import type { Message } from '../../src/protocol/message.ts'

/** `sure`: its sender was told that it is sent. `failed`: its sender was told that it is not. */
type Sent = {
  kind: 'query' | 'notice'
  from: number
  to: number
  body: string
  id?: string
  sure: boolean
  failed: boolean
}

/** `sure`: the agent was told that this is the answer. */
type Answer = { who: number; id: string; body: string; sure: boolean }

type Shown = { who: number; id: string; kind: string; sure: boolean }

export class Ledger {
  readonly sent: Sent[] = []
  readonly answers: Answer[] = []
  readonly shown: Shown[] = []
  /** Questions that their asker has taken back, or was about to. */
  readonly cancelled = new Set<string>()
  /** Peers of which a process was killed: what it had in its hands nobody may have seen. */
  readonly excused = new Set<number>()
  readonly wrong: string[] = []
  private texts = 0

  /** A text that nobody else says. */
  text(what: string): string {
    this.texts += 1
    return `${what} number ${this.texts}.`
  }

  about(sent: Omit<Sent, 'sure' | 'failed'>): Sent {
    const one = { ...sent, sure: false, failed: false }
    this.sent.push(one)
    return one
  }

  questionsOf(who: number): (Sent & { id: string })[] {
    return this.sent.filter(
      (one): one is Sent & { id: string } => one.kind === 'query' && one.from === who && one.id !== undefined,
    )
  }

  /** Somebody's agent is given a message: may it be? `mail`: by itself, not because it asked for this one. */
  show(who: number, message: Message, { sure, mail = true }: { sure: boolean; mail?: boolean }): void {
    const { id, kind } = message
    const name = `${kind} ${JSON.stringify(message.body)}`
    const before = this.shown.some((one) => one.who === who && one.id === id && one.kind === kind && one.sure)
    if (before && mail) this.wrong.push(`given twice to ${who}: ${name}`)
    if (kind === 'reply') this.showReply(who, message, name)
    else this.showSent(who, message, name)
    this.shown.push({ who, id, kind, sure })
  }

  private showSent(who: number, { id, body }: Message, name: string): void {
    const one = this.sent.find(
      (sent) => sent.body === body && (sent.kind === 'query' || sent.to === who || sent.to < 0),
    )
    if (one === undefined) return void this.wrong.push(`${who} is given what nobody sent: ${name}`)
    if (one.to >= 0 && one.to !== who) this.wrong.push(`${who} is given what was sent to ${one.to}: ${name}`)
    if (one.failed) this.wrong.push(`${who} is given what its sender was told is not sent: ${name}`)
    one.id ??= id
  }

  private showReply(who: number, { id, body, outcome }: Message, name: string): void {
    const query = this.sent.find((sent) => sent.kind === 'query' && sent.id === id)
    if (query !== undefined && query.from !== who)
      this.wrong.push(`${who} is given an answer to ${query.from}: ${name}`)
    if (outcome !== 'answered') return
    const said = this.answers.find((answer) => answer.body === body)
    if (said === undefined) return void this.wrong.push(`${who} is given an answer that nobody said: ${name}`)
    if (said.id !== id) this.wrong.push(`${who} is given the answer to another question: ${name}`)
  }

  wasShown(who: number, id: string, kind: string): boolean {
    return this.shown.some((one) => one.who === who && one.id === id && one.kind === kind)
  }
}
