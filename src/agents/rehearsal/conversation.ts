/** One person's keys, one turn at a time, one screen. */

import * as path from 'node:path'
import { type Draft, erased, pasted, shownOf, textOf, typed } from './draft.ts'
import type { Key } from './keys.ts'
import type { Said } from './screen.ts'
import type { OwnSession } from './session-file.ts'
import { openTerminal, type Terminal } from './terminal.ts'
import { type Desk, takeTurn } from './turn.ts'

const KEYS = 'Enter sends · Esc interrupts · Ctrl+D ends'

export class Conversation {
  readonly #session: OwnSession
  readonly #desk: Desk
  readonly #terminal: Terminal
  readonly #said: Said[] = []
  #draft: Draft = []
  #turn: AbortController | undefined
  #end = () => {}
  readonly #ended = new Promise<void>((resolve) => {
    this.#end = resolve
  })

  /** Takes the terminal over; turns work with `tools`, and say what they say here. */
  constructor(session: OwnSession, tools: Omit<Desk, 'say'>) {
    this.#session = session
    this.#desk = { ...tools, say: (said) => this.#say(said) }
    this.#terminal = openTerminal(
      (key) => this.#press(key),
      () => this.#show(),
    )
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.on(signal, this.#end)
    this.#show()
  }

  /** Resolves when its user or a signal has ended it; the terminal is given back. */
  async ended(): Promise<void> {
    await this.#ended
    this.#turn?.abort()
    this.#terminal.close()
  }

  #press(key: Key): void {
    if (key.type === 'enter') this.#submit()
    else if (key.type === 'escape') this.#turn?.abort()
    else if (key.type === 'end') this.#end()
    else this.#draft = edited(this.#draft, key)
    this.#show()
  }

  /** While a turn runs, what is typed stays in the box. */
  #submit(): void {
    const prompt = textOf(this.#draft)
    if (this.#turn !== undefined || prompt.trim() === '') return
    this.#draft = []
    this.#turn = new AbortController()
    this.#session.become('busy')
    void this.#run(prompt, this.#turn.signal)
  }

  /** Esc ends a turn without a Stop hook, as in the client that is rehearsed. */
  async #run(prompt: string, signal: AbortSignal): Promise<void> {
    try {
      await takeTurn(this.#desk, prompt, signal)
    } catch (error) {
      this.#say({ mark: '✗', text: signal.aborted ? 'interrupted' : `failed: ${(error as Error).message}` })
    }
    this.#turn = undefined
    this.#session.become('idle')
    this.#show()
  }

  #say(said: Said): void {
    this.#said.push(said)
    this.#show()
  }

  #show(): void {
    const title = `rehearsal agent in ${path.basename(this.#desk.directory)} · no model: it searches its own files`
    const status = `${this.#turn === undefined ? 'idle' : 'busy'} · ${KEYS}`
    this.#terminal.show({ title, said: this.#said, draft: shownOf(this.#draft), status })
  }
}

function edited(draft: Draft, key: Key): Draft {
  if (key.type === 'erase') return erased(draft)
  if (key.type === 'paste') return pasted(draft, key.text)
  return key.type === 'text' ? typed(draft, key.text) : draft
}
