// The few numbers that stand for many.

function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]
}

export function median(values) {
  return quantile(values, 0.5)
}

/** p50 and p95 of a sample. */
export function spread(values) {
  return { p50: median(values), p95: quantile(values, 0.95) }
}

/** The median of the differences of what was measured side by side. */
export function medianDifference(left, right) {
  return median(left.map((value, at) => value - right[at]))
}

/** The median of the ratios of what was measured side by side. */
export function medianRatio(left, right) {
  return median(left.map((value, at) => value / right[at]))
}

/** A difference, with its sign. */
export function signed(value) {
  return `${value < 0 ? '−' : '+'}${shown(Math.abs(value))}`
}

/** Three digits are more than these numbers are worth. */
export function shown(value) {
  if (value === undefined) return ''
  const size = Math.abs(value)
  return value.toFixed(size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : 2)
}
