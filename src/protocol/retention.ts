/** For how long what is over is kept, unless somebody wants it otherwise. mailbox-spec §12 */
export const RETENTION_DAYS = 30

/** For how much longer the journal is kept: what comes back from a backup is known by it. mailbox-spec §7.4 */
export const JOURNAL_DAYS_MORE = 10
