/** The entry of the command line. */

import { runCli } from './surfaces/cli/cli.ts'

process.exit(await runCli(process.argv))
