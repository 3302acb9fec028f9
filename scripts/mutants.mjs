// Switches off one rule after another, in a copy, and sees its named test fail: a rule without a failing mutant does not
// exist. `npm run mutants [-- <name>…]`; the table is test/mutants/table.mjs. Progress goes to stderr.

import { MUTANTS } from '../test/mutants/table.mjs'
import { openCopy } from './mutants/copy.mjs'

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !MUTANTS.some((mutant) => mutant.name === name))
if (unknown.length > 0) {
  console.error(`mutants: there is none named ${unknown.join(', ')}. The names are in test/mutants/table.mjs`)
  process.exit(2)
}
const chosen = MUTANTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
const copy = openCopy()
const survived = []
const before = new Map()
for (const [at, mutant] of chosen.entries()) {
  const why = await whySurvived(mutant)
  if (why !== undefined) survived.push(mutant.name)
  const verdict = why === undefined ? 'killed  ' : 'SURVIVED'
  console.error(`${at + 1}/${chosen.length} ${verdict} ${mutant.name}${why === undefined ? '' : `: ${why}`}`)
}
console.log(
  `${chosen.length} mutants, ${chosen.length - survived.length} killed, ${survived.length} survived`,
)
process.exitCode = survived.length === 0 ? 0 : 1

/** Undefined when the named test failed because of the mutant. */
async function whySurvived({ off, file, find, replace, test, title }) {
  if (!(await passesUnchanged(test, title))) return `"${title}" does not pass in ${test} without it`
  const mended = copy.change(file, find, replace)
  const passed = await copy.run(test, title)
  mended()
  if (passed === false) return undefined
  const said = passed ? 'passes' : 'did not run'
  return `"${title}" in ${test} ${said}, although this was switched off: ${off}`
}

/** By itself and while every rule is on: a test that fails anyway proves nothing. */
async function passesUnchanged(test, title) {
  const name = `${test}: ${title}`
  if (!before.has(name)) before.set(name, await copy.run(test, title))
  return before.get(name) === true
}
