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
const before = await runUnchanged([...new Set(chosen.map(({ test }) => test))])
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

/** What each test says while every rule is on: a test that fails anyway proves nothing. */
async function runUnchanged(tests) {
  const results = new Map()
  for (const test of tests) {
    console.error(`unchanged: ${test}`)
    results.set(test, await copy.run(test))
  }
  return results
}

/** Undefined when the named test, and not another one, failed because of the mutant. */
async function whySurvived({ off, file, find, replace, test, title }) {
  if (before.get(test).get(title) !== true) return `"${title}" does not pass in ${test} without it`
  const mended = copy.change(file, find, replace)
  const results = await copy.run(test)
  mended()
  if (results.get(title) === false) return undefined
  const said = results.has(title) ? 'passes' : 'did not run'
  return `"${title}" in ${test} ${said}, although this was switched off: ${off}`
}
