// What is acknowledged is on the disk. There is no fsync of a directory to remove: on ext4 that of a file commits the names that were made
// before it, and whether another file system does is not shown here.

import { without } from './without.mjs'

const inPowerCut = 'test/power-cut.test.ts'
const alone = 'in a root of one host no published message is torn and no acknowledged answer is gone'
const shared = 'in a shared root no published message is torn and no acknowledged answer is gone'

export const power = [
  without(
    'src/spool/publish.ts',
    'message-is-fsynced',
    'a message is on the disk before it has its name',
    'writeNew(temporary, text, true)',
    inPowerCut,
    alone,
    'writeNew(temporary, text, false)',
  ),
  without(
    'src/spool/disk.ts',
    'journal-is-fsynced',
    'a line by which a recovery decides is on the disk before what it tells of',
    '    if (durable) fs.fsyncSync(fd)\n  } finally {\n    fs.closeSync(fd)\n  }\n}\n\nfunction openAppend',
    inPowerCut,
    alone,
    '  } finally {\n    fs.closeSync(fd)\n  }\n}\n\nfunction openAppend',
  ),
  without(
    'src/spool/publish.ts',
    'outbox-is-fsynced',
    'in a shared root what this host has sent is known by its outbox after a power cut, too',
    'keepSent(tree, message, text, isShared(tree))',
    inPowerCut,
    shared,
    'keepSent(tree, message, text)',
  ),
]
