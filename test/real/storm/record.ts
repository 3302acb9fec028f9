// What a storm leaves to be judged. Every text that anybody writes has a word of its own: Q7 a question, H7 what an agent
// says to its own human, D7 a draft, B7 what a dialog asks about. So whoever holds a word tells where it came from.

type Reply = { from: string; outcome: string; body: string }

/** Of one question, from the files, the journal, and what the models were asked with. Times in ms. */
export type Question = {
  id: string
  word: string
  from: string
  to: string
  asked: number
  /** When its outcome was recorded. */
  ended: number | undefined
  /** When a hook of its asker saw it in a prompt or in a tool's result. */
  consumed: number | undefined
  /** The directories in which its file lies. */
  states: string[]
  replies: Reply[]
  /** How often its frame stands in the conversation of any agent. */
  seen: number
  /** What its asker was shown as its answer, each time. */
  shown: string[]
}

/** What a human did to a session that may end what it was doing. `stop`: Esc, in a dialog too. */
export type Disturbance = { at: number; peer: string; by: 'stop' | 'clear' | 'kill' }

/** `ran`: what the dialog asked about was done, although its human said no. */
export type Dialog = { word: string; ran: boolean }

export type Draft = { wrote: string; found: string }

export type StormRecord = {
  questions: Question[]
  disturbances: Disturbance[]
  dialogs: Dialog[]
  drafts: Draft[]
  /** Notices that were published: nobody in the storm sends any, so they are amendments. */
  notices: { about: string | undefined; body: string }[]
}
