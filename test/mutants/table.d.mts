/** One rule that is switched off, and the test that must then fail. */
export type Mutant = {
  name: string
  /** What is switched off, for the person who reads that it survived. */
  off: string
  file: string
  /** Stands exactly once in the file. */
  find: string
  replace: string
  test: string
  /** The exact name of the test; of one within another, both: 'outer > inner'. */
  title: string
}

export const MUTANTS: Mutant[]
