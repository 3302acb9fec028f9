/**
 * What repowire puts into Claude Code's settings.json, as text → text: hooks after those of others, one permission rule.
 * Where its plugin brings the hooks, the rule alone. Our hooks are known by a mark in their command; of the rest, `made`
 * remembers what was not there before.
 */

import { isDeepStrictEqual } from 'node:util'
import type { Node } from 'jsonc-parser'
import {
  append,
  elements,
  jsonOf,
  member,
  remove,
  replace,
  strictFault,
  syntaxFault,
  treeOf,
} from './json-text.ts'

const MARK = ': repowire-hook;'
const RULE = 'mcp__repowire'
/** The same tools, as the client calls them when a plugin brings their server. */
const PLUGIN_RULE = 'mcp__plugin_repowire_repowire'
const RULES = [RULE, PLUGIN_RULE]
/** What the client puts beside it, and leaves there empty. */
const MADE_BY_CLIENT = ['enabledPlugins', 'extraKnownMarketplaces']
const BOM = '\uFEFF'

// Seconds. The client gives all hooks of SessionEnd 1.5 s together, or the longest of their own limits.
const TIMEOUTS = {
  SessionStart: 5,
  UserPromptSubmit: 5,
  PostToolUse: 5,
  Stop: 10,
  StopFailure: 5,
  SessionEnd: 2,
}
type Group = { matcher?: string; hooks: { type: 'command'; command: string; timeout: number }[] }
type Event = keyof typeof TIMEOUTS
const EVENTS = Object.keys(TIMEOUTS) as Event[]

/** One group of one hook for each event. */
export type Groups = Partial<Record<Event, Group>>

/** Our entries. */
export type Ours = { groups: Groups; rule: string }

/** What was made for our entries, outermost first: dotted paths of containers ('' is the whole), and of the rule. */
export type Made = string[]

/** What is made where nobody remembers: where our hooks are, the rule is ours too, and the containers are the user's. */
export const UNREMEMBERED: Made = RULES.map(pathOf)

function pathOf(rule: string): string {
  return `permissions.allow.${rule}`
}

type Program = { node: string; hook: string }

/** Our entries, for a hook at this absolute path that is run by this absolute node. */
export function oursFor(program: Program): Ours {
  return { groups: groupsFor(program, RULE), rule: RULE }
}

/** What the plugin cannot bring. */
export const besidePlugin: Ours = { groups: {}, rule: PLUGIN_RULE }

/** The hooks that the plugin brings. */
export function pluginGroups(program: Program): Groups {
  return groupsFor(program, PLUGIN_RULE)
}

function groupsFor({ node, hook }: Program, tools: string): Groups {
  const command = hookCommand(node, hook)
  const groups = EVENTS.map((event): [Event, Group] => {
    const hooks: Group['hooks'] = [{ type: 'command', command, timeout: TIMEOUTS[event] }]
    return [event, event === 'PostToolUse' ? { matcher: `${tools}__.*`, hooks } : { hooks }]
  })
  return Object.fromEntries(groups)
}

/**
 * A line for a POSIX shell. It succeeds without a word where repowire or its node is gone, so that a removed program
 * never disturbs a session; and what the session's environment says to Node is not for this one.
 */
function hookCommand(node: string, hook: string): string {
  const there = `[ -f ${quoted(hook)} ] && [ -x ${quoted(node)} ] || exit 0`
  return `${MARK} ${there}; unset NODE_EXTRA_CA_CERTS NODE_OPTIONS; exec ${quoted(node)} ${quoted(hook)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** Why these settings cannot be read, or undefined. Comments and trailing commas can. */
export function unreadable(text: string): string | undefined {
  const body = text.replace(BOM, '')
  const root = treeOf(body)
  const fault = syntaxFault(body)
  if (fault !== undefined) return `it is not JSON (${fault})`
  return root === undefined || root.type === 'object' ? undefined : `it holds ${named(root)}, not an object`
}

/** Why our entries cannot be put into these settings, or undefined. */
export function objection(text: string): string | undefined {
  const root = treeOf(text.replace(BOM, ''))
  const places = [
    ['hooks', 'object'],
    ...EVENTS.map((event) => [`hooks.${event}`, 'array']),
    ['permissions', 'object'],
    ['permissions.allow', 'array'],
  ] as [string, string][]
  const wrong = places.flatMap(([path, type]) => {
    const node = at(root, path)
    return node === undefined || node.type === type ? [] : [`its "${path}" is ${named(node)}, not an ${type}`]
  })
  return unreadable(text) ?? wrong[0]
}

function named(node: Node): string {
  return node.type === 'null' ? 'null' : `${/^[ao]/.test(node.type) ? 'an' : 'a'} ${node.type}`
}

/** Why the client does not act on our entries although they are there, or undefined. */
export function ignoredBecause(text: string): string | undefined {
  const body = text.replace(BOM, '')
  const fault = strictFault(body)
  if (fault !== undefined) return `Claude Code reads plain JSON only, and ignores the whole file (${fault})`
  const off = jsonOf(at(treeOf(body), 'disableAllHooks')) === true
  return off ? 'its "disableAllHooks" turns our hooks off too' : undefined
}

/** `outdated`: some of ours are there, but not all, or not as they are to be. */
export function stateOf(text: string, ours: Ours): 'current' | 'outdated' | 'missing' {
  if (!holdsOurs(text)) return 'missing'
  return addOurs(text, ours).text === text ? 'current' : 'outdated'
}

export function holdsHooks(text: string): boolean {
  return ourHooks(text).length > 0
}

export function holdsOurs(text: string): boolean {
  return holdsHooks(text) || ruleIn(allowIn(text), PLUGIN_RULE) !== undefined
}

type Edit = { text: string; made: Made }

/** The settings with our entries, each once and current, and what was made for them. Presumes no `objection`. */
export function addOurs(text: string, ours: Ours): Edit {
  const edit: Edit = { text: text.replace(BOM, ''), made: [] }
  if (ours.rule === PLUGIN_RULE) edit.made.push(...MADE_BY_CLIENT.filter((key) => !isIn(edit.text, key)))
  takeOutHooks(edit, ({ event }) => !(event in ours.groups))
  for (const event of EVENTS) putGroup(edit, event, ours.groups[event])
  const allow = ensure(edit, 'permissions.allow', [])
  if (ruleIn(allow, ours.rule) === undefined) {
    edit.text = append(edit.text, allow, ours.rule)
    edit.made.push(pathOf(ours.rule))
  }
  return { text: bomOf(text) + edit.text, made: edit.made }
}

function putGroup(edit: Edit, event: Event, wanted: Group | undefined): void {
  if (wanted === undefined) return
  const found = ourHooks(edit.text).filter((one) => one.event === event)
  const [first] = found
  const inPlace =
    found.length === 1 && first !== undefined && (first.alone || sameMatcher(first.group, wanted))
  if (inPlace && !isCurrent(first, wanted)) {
    edit.text = first.alone
      ? replace(edit.text, first.group, wanted)
      : replace(edit.text, first.hook, wanted.hooks[0])
  }
  if (inPlace) return
  takeOutHooks(edit, (one) => one.event === event)
  const groups = ensure(edit, `hooks.${event}`, [])
  edit.text = append(edit.text, groups, wanted)
}

function isCurrent({ group, hook }: OurHook, wanted: Group): boolean {
  return sameMatcher(group, wanted) && isDeepStrictEqual(jsonOf(hook), wanted.hooks[0])
}

function sameMatcher(group: Node, wanted: Group): boolean {
  return jsonOf(member(group, 'matcher')) === wanted.matcher
}

/** The container at this path; it and those above it are made where they are missing. */
function ensure(edit: Edit, path: string, empty: object): Node {
  const node = at(treeOf(edit.text), path)
  if (node !== undefined) return node
  const above = path === '' ? undefined : ensure(edit, path.split('.').slice(0, -1).join('.'), {})
  edit.text =
    above === undefined ? withRoot(edit.text) : append(edit.text, above, empty, path.split('.').at(-1))
  edit.made.push(path)
  return at(treeOf(edit.text), path) as Node
}

/** A text without a value, perhaps with comments, and an empty object after them. */
function withRoot(text: string): string {
  const eol = /\r\n?|\n/.exec(text)?.[0] ?? '\n'
  const comments = text.trim()
  return `${comments === '' ? '' : comments + eol}{}${eol}`
}

/** The settings without our entries, and without what was made for them where it is empty now. '' if that is all of it. */
export function removeOurs(text: string, made: Made = UNREMEMBERED): string {
  const edit: Edit = { text: text.replace(BOM, ''), made }
  takeOutHooks(edit, () => true)
  for (const rule of RULES.filter((one) => made.includes(pathOf(one)))) {
    const node = ruleIn(allowIn(edit.text), rule)
    if (node !== undefined) edit.text = remove(edit.text, node)
  }
  const inside = made.filter((path) => path !== '' && !RULES.map(pathOf).includes(path))
  for (const path of inside.sort((a, b) => b.length - a.length)) removeEmpty(edit, path)
  const rest = edit.text.trim()
  return made.includes('') && /^(\{\s*\})?$/.test(rest) ? '' : bomOf(text) + edit.text
}

function removeEmpty(edit: Edit, path: string): void {
  const node = at(treeOf(edit.text), path)
  const empty =
    node !== undefined && /^[[{]\s*[\]}]$/.test(edit.text.slice(node.offset, node.offset + node.length))
  if (empty && node.parent !== undefined) edit.text = remove(edit.text, node.parent)
}

function takeOutHooks(edit: Edit, which: (one: OurHook) => boolean): void {
  for (;;) {
    const one = ourHooks(edit.text).find(which)
    if (one === undefined) return
    edit.text = remove(edit.text, one.alone ? one.group : one.hook)
  }
}

/** `alone`: no other hook is in its group. */
type OurHook = { event: string; group: Node; hook: Node; alone: boolean }

function ourHooks(text: string): OurHook[] {
  const events = member(treeOf(text.replace(BOM, '')), 'hooks')?.children ?? []
  return events.flatMap((property) => {
    const event = String(property.children?.[0]?.value)
    return elements(property.children?.[1]).flatMap((group) => ourHooksIn(event, group))
  })
}

function ourHooksIn(event: string, group: Node): OurHook[] {
  const hooks = elements(member(group, 'hooks'))
  const ours = hooks.filter((hook) => String(jsonOf(member(hook, 'command'))).includes(MARK))
  return ours.map((hook) => ({ event, group, hook, alone: hooks.length === 1 }))
}

function allowIn(text: string): Node | undefined {
  return at(treeOf(text.replace(BOM, '')), 'permissions.allow')
}

function ruleIn(allow: Node | undefined, wanted: string): Node | undefined {
  return elements(allow).find((rule) => rule.value === wanted)
}

/** The value at a dotted path; the root at ''. */
function at(root: Node | undefined, path: string): Node | undefined {
  return path === '' ? root : path.split('.').reduce(member, root)
}

function isIn(text: string, path: string): boolean {
  return at(treeOf(text), path) !== undefined
}

function bomOf(text: string): string {
  return text.startsWith(BOM) ? BOM : ''
}
