// The randomised run on the real client: `npm run storm -- --questions 200 --seed 1 [--record <file>]`. The counts go to
// stdout, how far it is to stderr.

import { runReal } from './real.mjs'

await runReal(import.meta.resolve('../test/real/storm/main.ts'), process.argv.slice(2))
