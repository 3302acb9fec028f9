import { lookTree } from '../../spool/tree.ts'
import { gc } from '../../verbs/gc.ts'
import { say, sayJson } from './print.ts'

/** Removes what has been over for long: messages, cards without mail, journals. The courier does the same, little by little. */
export function gcCommand(options: { days: number; dryRun: boolean; json: boolean }): number {
  const collected = gc(lookTree(process.env), options)
  const { messages, cards, journals, kept } = collected
  const did = options.dryRun ? 'Would remove' : 'Removed'
  const counts = `${messages.length} messages, ${cards.length} cards, ${journals.length} journals`
  if (options.json) sayJson(collected)
  else say(`${did} ${counts}: over for more than ${options.days} days.${stillNeeded(kept.length)}`)
  return 0
}

function stillNeeded(count: number): string {
  return count === 0 ? '' : ` Kept ${count} that mail on its way still needs.`
}
