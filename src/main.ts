/** The entry of the command line. */

import { runCli } from './surfaces/cli/cli.ts'

process.stdout.on('error', () => process.exit(0)) // the reader has gone: repowire log | head
const code = await runCli(process.argv)
// A pipe takes 64 KiB at a time: exit only when it has all of it.
await new Promise((written) => process.stdout.write('', written))
process.exit(code)
