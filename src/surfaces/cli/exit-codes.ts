/** The exit codes of the command line, one meaning each; --help and the README list them. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notYet: 3,
  unanswered: 4,
  notRunning: 5,
  again: 75,
  interrupted: 130,
} as const

export const MEANINGS: [code: number, meaning: string][] = [
  [EXIT.done, 'done; for ask and await: answered; for daemon status: a courier runs'],
  [EXIT.failed, 'failed; the message on stderr says why and what to do; for doctor: a problem is left'],
  [EXIT.usage, 'the command line was not understood; nothing was done'],
  [EXIT.notYet, 'no answer yet; the question stays asked'],
  [EXIT.unanswered, 'the question ended without an answer; the outcome is on stderr'],
  [EXIT.notRunning, 'no courier runs: the answer of daemon status'],
  [
    EXIT.again,
    'daemon run --stay: replaced by an upgrade; its service manager starts it again, of the new build',
  ],
  [EXIT.interrupted, 'interrupted (Ctrl-C): ask takes its question back, await leaves it asked'],
]
