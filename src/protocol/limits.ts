/** Permission modes: which sessions act without asking anybody. mailbox-spec §11.2 */

/** What a person at a shell has in the place of a mode: nobody limits him. */
export const PERSON = 'person'

const BYPASSES = 'bypassPermissions'
/** Those in which somebody is asked, or what nobody has allowed is not done. */
const LIMITED = ['plan', 'default', 'acceptEdits', 'auto', 'dontAsk']

/** Of a receiver: a mode that is not known here may be one that asks nobody. `undefined`: its client tells of none. */
export function bypasses(mode: string | undefined): boolean {
  return mode !== undefined && !LIMITED.includes(mode)
}

/** Of a sender: what is not known, or not said, is limited. */
export function isLimited(mode: string | undefined): boolean {
  return mode !== BYPASSES && mode !== PERSON
}
