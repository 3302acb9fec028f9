// Bad input at every place where something comes in: `npm run fuzz -- --runs 2000 --seed 1`; `--only` chooses a place, `--path` feeds
// again what was borne badly.

import { runSource } from './source.mjs'

runSource('../test/fuzz/main.ts', import.meta.url)
