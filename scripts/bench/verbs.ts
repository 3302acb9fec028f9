// What the rows call of the program itself, in one bundle.

export { describePeers } from '../../src/courier/peers.ts'
export { frameOf, frameText } from '../../src/protocol/frame.ts'
export { fileName } from '../../src/protocol/layout.ts'
export { claim } from '../../src/spool/moves.ts'
export { newId } from '../../src/spool/new-id.ts'
export { markOf } from '../../src/spool/process.ts'
export { findMessage } from '../../src/spool/publish.ts'
export { read, scan } from '../../src/spool/scan.ts'
export { openTree } from '../../src/spool/tree.ts'
export { ask } from '../../src/verbs/ask.ts'
export { given, handOver } from '../../src/verbs/given.ts'
export { register } from '../../src/verbs/register.ts'
