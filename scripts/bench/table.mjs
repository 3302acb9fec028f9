// The report as text: one line for each thing measured, then what is to be known about it.

import { shown } from './numbers.mjs'

const HEADS = ['what', 'n', 'p50', 'p95', 'floor (same run)', 'over the floor', 'aim', '']

/** A line has `n`, `p50`, `p95`, `unit`, `floor` {what, p50, unit?}, `over` (text), `aim`, `met` and `notes`; most may be missing. */
export function table(report) {
  const { rows, ...machine } = report
  const cells = [HEADS, ...rows.map(cellsOf)]
  const widths = HEADS.map((_, column) => Math.max(...cells.map((line) => line[column].length)))
  const lines = cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  )
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '))
  const notes = rows.flatMap(({ what, notes = [] }) => notes.map((note) => `${what}: ${note}`))
  return [headOf(machine), '', ...lines, '', ...notes].join('\n').trimEnd()
}

function headOf({ date, platform, cores, memory_gib, file_system, node, load }) {
  return `${date} UTC, ${platform}, ${cores} cores, ${memory_gib} GiB, ${file_system}, node ${node}, load ${load.join(' ')}`
}

function cellsOf({ what, n, p50, p95, unit = '', floor, over = '', aim = '', met }) {
  const value = (number) => (number === undefined ? '' : `${shown(number)} ${unit}`.trim())
  const under = floor === undefined ? '' : `${value(floor.p50)} (${floor.what})`
  return [
    what,
    n === undefined ? '' : String(n),
    value(p50),
    value(p95),
    under,
    over,
    aim,
    met === undefined ? '' : met ? 'met' : 'MISSED',
  ]
}
