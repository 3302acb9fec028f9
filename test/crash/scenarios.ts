/** Every way to be killed that is tried. */

import type { Scenario } from './scenario.ts'
import { asking } from './scenarios/asking.ts'
import { ending } from './scenarios/ending.ts'
import { enrolling } from './scenarios/enrolling.ts'
import { lost } from './scenarios/lost.ts'
import { moving } from './scenarios/moving.ts'
import { others } from './scenarios/others.ts'
import { receiving } from './scenarios/receiving.ts'

export const scenarios: Scenario[] = [
  ...moving,
  ...asking,
  ...receiving,
  ...ending,
  ...enrolling,
  ...lost,
  ...others,
]
