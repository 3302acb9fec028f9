// Succeeds where the real client can be had, fetching it on first use; else says why it cannot.

import { clientBinary } from '../../test/real/client.ts'

try {
  await clientBinary()
} catch (error) {
  console.log(JSON.stringify({ why: (error as Error).message }))
}
