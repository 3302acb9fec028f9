// How long the courier is blind: what lies between a look at the box and the paste or the Enter that follows it.

import { medianDifference, signed, spread } from './numbers.mjs'

const WINDOWS = {
  lookToPaste: { what: 'first look at the box → paste', act: 'paste-buffer' },
  lookToEnter: { what: 'last look at the box → Enter (the window that remains)', act: 'send-keys' },
}

// Measured beside a server without a log.
const COST =
  'writing it makes each tmux command of this run about a millisecond longer, and the windows by as much'

/** Of rounds with a delivery through the pane (`tmux`) and one without a look (`blind`). */
export function windowLines(rounds) {
  return Object.entries(WINDOWS).map(([name, { what, act }]) => lineOf(what, act, name, rounds))
}

function lineOf(what, act, name, rounds) {
  const pairs = rounds.map(({ tmux, blind }) => [tmux.windows[name], blind.windows.pasteToEnter])
  const seen = pairs.filter((pair) => pair.every((value) => value !== undefined))
  if (seen.length === 0) return { what, notes: ['not measured: the log of this tmux does not tell'] }
  const [window, floor] = [0, 1].map((side) => seen.map((pair) => pair[side]))
  const over = medianDifference(window, floor)
  return {
    what,
    n: seen.length,
    ...spread(window),
    unit: 'ms',
    floor: { what: 'paste → Enter, blind', ...spread(floor) },
    over: `${signed(over)} ms`,
    difference: over,
    notes: [`from the tmux server's capture-pane to its ${act}, by its own log (tmux -vv): ${COST}`],
  }
}
