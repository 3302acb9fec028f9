// The real Syncthing and the real sshfs of the tests, in one bundle.

export { startSshd, withoutSshfs } from '../../test/machines/sshfs.ts'
export { settled, share, startNode, until, withoutSyncthing } from '../../test/machines/syncthing.ts'
