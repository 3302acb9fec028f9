// The picture in the README, from a run of the real client: `npm run picture` writes docs/panes.svg. Look at it.

import { runReal } from './real.mjs'

await runReal(import.meta.resolve('../test/real/picture/main.ts'))
