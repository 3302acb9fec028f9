// The rules that keep repowire from typing blind, delivering twice, mispairing and going on for ever, each with what
// switches it off and the test that must then fail. `npm run mutants` runs them; test/mutants.test.ts sees that none is
// missing.

import { asking } from './asking.mjs'
import { circles } from './circles.mjs'
import { dedupe } from './dedupe.mjs'
import { delivery } from './delivery.mjs'
import { doors } from './doors.mjs'
import { gates } from './gates.mjs'
import { held } from './held.mjs'
import { hosts } from './hosts.mjs'
import { limits } from './limits.mjs'
import { limitsOfTrust } from './limits-of-trust.mjs'
import { load } from './load.mjs'
import { lost } from './lost.mjs'
import { machines } from './machines.mjs'
import { pairing } from './pairing.mjs'
import { places } from './places.mjs'
import { power } from './power.mjs'
import { proof } from './proof.mjs'
import { remote } from './remote.mjs'
import { screen } from './screen.mjs'
import { transcript } from './transcript.mjs'
import { trust } from './trust.mjs'
import { words } from './words.mjs'

export const MUTANTS = [
  ...gates,
  ...doors,
  ...screen,
  ...delivery,
  ...dedupe,
  ...lost,
  ...load,
  ...remote,
  ...power,
  ...machines,
  ...pairing,
  ...held,
  ...transcript,
  ...asking,
  ...limits,
  ...circles,
  ...hosts,
  ...trust,
  ...limitsOfTrust,
  ...places,
  ...words,
  ...proof,
]
