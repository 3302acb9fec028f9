// Random programs against a model of the spec: `npm run model -- --programs 10000 --seed 1`; `--path` runs one again that went wrong.
// It works in /dev/shm where that is there. The counts go to stdout, how far it is to stderr.

import { runSource } from './source.mjs'

runSource('../test/model/main.ts', import.meta.url)
