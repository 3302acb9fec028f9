/** Who may reach whom: rules like "frontend -> backend", in the settings of a host. mailbox-spec §11.3 */

import { hostOf, isAddress, isName } from './address.ts'

/** `addresses`: its own, and for `deny` those that it had before. */
export type Party = { addresses: string[]; circle?: string }

export const ANYBODY = '* -> *'
const CIRCLE = 'circle:'

export function isRule(value: unknown): value is string {
  return typeof value === 'string' && sidesOf(value).length === 2 && sidesOf(value).every(isPattern)
}

export function isRuled(rule: string, from: Party, to: Party): boolean {
  const [sender = '', receiver = ''] = sidesOf(rule)
  return fits(sender, from) && fits(receiver, to)
}

function sidesOf(rule: string): string[] {
  return rule.split('->').map((side) => side.trim())
}

function isPattern(text: string): boolean {
  const [, name] = text.match(/^(?:@|circle:)(.*)$/) ?? []
  return name === undefined ? text === '*' || isName(text) || isAddress(text) : isName(name)
}

function fits(pattern: string, { addresses, circle }: Party): boolean {
  if (pattern === '*') return true
  if (pattern.startsWith(CIRCLE)) return circle === pattern.slice(CIRCLE.length)
  if (pattern.startsWith('@')) return addresses.some((address) => hostOf(address) === pattern.slice(1))
  return addresses.some((address) => address === pattern || address.split('@')[0] === pattern)
}
