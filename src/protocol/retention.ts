/** For how long what is over is kept, unless somebody wants it otherwise. mailbox-spec §12 */
export const RETENTION_DAYS = 30
