/** The entry of the command line. */

import { runCli } from './surfaces/cli/cli.ts'

// The reader has gone (repowire log | head): as if interrupted, so that whatever was begun is cleared away.
process.stdout.on('error', () => process.kill(process.pid, 'SIGINT'))
process.stderr.on('error', () => {})
// A pipe takes 64 KiB at a time: exit only when it has all of it.
void runCli(process.argv).then((code) => process.stdout.write('', () => process.exit(code)))
