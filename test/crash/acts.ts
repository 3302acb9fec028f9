/** Everything that a process may be doing when it is killed. Runs in the child, and in the test for whoever does it again. */

import { asking } from './acts/asking.ts'
import { ending } from './acts/ending.ts'
import { enrolling } from './acts/enrolling.ts'
import { lost } from './acts/lost.ts'
import { moving } from './acts/moving.ts'
import { others } from './acts/others.ts'
import { receiving } from './acts/receiving.ts'

export const acts = { ...moving, ...asking, ...receiving, ...ending, ...enrolling, ...lost, ...others }

export type ActName = keyof typeof acts
