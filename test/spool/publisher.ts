// A program that publishes one message and prints what became of it.

import { writeSync } from 'node:fs'
import { codeOf } from '../../src/protocol/errors.ts'
import { SPEC } from '../../src/protocol/layout.ts'
import { publish } from '../../src/spool/publish.ts'
import { openTree } from '../../src/spool/tree.ts'

const [, , name] = process.argv

try {
  const published = publish(openTree(process.env), {
    spec: SPEC,
    id: '20261122t094012412z-k3v9x2p8',
    kind: 'query',
    from: 'frontend@laptop',
    to: 'backend@laptop',
    sent: '2026-11-22T09:40:12.412Z',
    body: name ?? 'x'.repeat(100_000),
  })
  writeSync(1, published ? 'published' : 'taken')
} catch (error) {
  writeSync(1, codeOf(error))
  process.exitCode = 1
}
