// Lets Node load the TypeScript of the sources and the tests: their types are taken out, and nothing is checked (`npm run
// lint` does that). tap's own way compiles every file anew in every test process, which takes longer than most tests.

import { register } from 'node:module'

register('./typescript-hooks.mjs', import.meta.url)
