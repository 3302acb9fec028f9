/**
 * Edits of JSON as text: what is not ours keeps its bytes, comments and order. jsonc-parser tells where things are; its
 * own edits are not used, because they reformat a neighbour's line and pull its comment over to the new entry.
 * Each edit takes a node of the tree of exactly this text, and returns the new text.
 */

import {
  createScanner,
  getNodeValue,
  type Node,
  type ParseError,
  type ParseOptions,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'

type Layout = { eol: string; unit: string; compact: boolean }

const LENIENT: ParseOptions = { allowTrailingComma: true, allowEmptyContent: true }
const STRICT: ParseOptions = { allowTrailingComma: false, allowEmptyContent: true, disallowComments: true }

/** The tree of a text in which comments and trailing commas are allowed; undefined where it holds no value. */
export function treeOf(text: string): Node | undefined {
  return parseTree(text, [], LENIENT)
}

/** What is wrong with the text, and where; undefined for JSON with comments and trailing commas. */
export function syntaxFault(text: string): string | undefined {
  return firstFault(text, LENIENT)
}

/** The first thing that plain JSON does not allow. */
export function strictFault(text: string): string | undefined {
  return firstFault(text, STRICT)
}

function firstFault(text: string, options: ParseOptions): string | undefined {
  const errors: ParseError[] = []
  parseTree(text, errors, options)
  const [first] = errors
  if (first === undefined) return undefined
  const what = printParseErrorCode(first.error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return `${what}, line ${text.slice(0, first.offset).split(/\r\n?|\n/).length}`
}

/** The value of a key; of the last one where it stands twice, as JSON.parse has it. */
export function member(node: Node | undefined, key: string): Node | undefined {
  if (node?.type !== 'object') return undefined
  return node.children?.findLast((property) => property.children?.[0]?.value === key)?.children?.[1]
}

/** The elements of an array; none of anything else. */
export function elements(node: Node | undefined): Node[] {
  return node?.type === 'array' ? (node.children ?? []) : []
}

export function jsonOf(node: Node | undefined): unknown {
  return node === undefined ? undefined : getNodeValue(node)
}

/** The text with a new last entry in this array (no key) or object. */
export function append(text: string, container: Node, value: unknown, key?: string): string {
  const last = container.children?.at(-1)
  return last === undefined
    ? appendFirst(text, container, value, key)
    : appendAfter(text, container, last, value, key)
}

function appendFirst(text: string, container: Node, value: unknown, key: string | undefined): string {
  const layout = layoutOf(text)
  const close = endOf(container) - 1
  const place = blankBefore(text, close) // comments stay before the new entry
  if (layout.compact) return splice(text, place, place, printed(value, key, '', layout))
  const indent = indentAt(text, container.offset)
  const entry = printed(value, key, indent + layout.unit, layout)
  return splice(text, place, close, `${layout.eol}${indent}${layout.unit}${entry}${layout.eol}${indent}`)
}

function appendAfter(
  text: string,
  container: Node,
  last: Node,
  value: unknown,
  key: string | undefined,
): string {
  const layout = layoutOf(text)
  const close = endOf(container) - 1
  const place = blankBefore(text, close)
  const trailing = commaAfter(text, endOf(last)) !== undefined
  const ownLine = startsLine(text, last.offset) || /[\r\n]/.test(text.slice(endOf(last), close))
  const indent = startsLine(text, last.offset)
    ? indentAt(text, last.offset)
    : indentAt(text, container.offset) + layout.unit
  const gap = ownLine ? layout.eol + indent : layout.compact ? '' : ' '
  // One line stays one line: a list that is written along the line grows along the line.
  const entry = printed(value, key, indent, { ...layout, compact: layout.compact || !ownLine })
  const added = splice(text, place, place, `${gap}${entry}${trailing ? ',' : ''}`)
  return trailing ? added : splice(added, endOf(last), endOf(last), ',')
}

/** The text with another value in this place. */
export function replace(text: string, node: Node, value: unknown): string {
  const layout = layoutOf(text)
  const compact = layout.compact || !/[\r\n]/.test(text.slice(node.offset, endOf(node)))
  const indent = indentAt(text, node.offset)
  return splice(text, node.offset, endOf(node), printed(value, undefined, indent, { ...layout, compact }))
}

/** The text without this element or property and the one comma that it needed. Comments beside it stay. */
export function remove(text: string, entry: Node): string {
  const siblings = entry.parent?.children ?? []
  const previous = siblings[siblings.indexOf(entry) - 1]
  const ownComma = commaAfter(text, endOf(entry))
  const comma = ownComma ?? (previous && commaAfter(text, endOf(previous)))
  const [from, to] = ownLines(text, entry.offset, ownComma === endOf(entry) ? ownComma + 1 : endOf(entry))
  const without = splice(text, from, to, '')
  if (comma === undefined || (comma >= from && comma < to))
    return siblings.length === 1 ? closeUp(without, entry) : without
  const at = comma < from ? comma : comma - (to - from)
  return splice(without, at, at + 1, '')
}

/** The range with the blank before it; or, where something else follows on its last line, with the blank after it. */
function ownLines(text: string, start: number, end: number): [number, number] {
  const before = blankBefore(text, start)
  const after = blankAfter(text, end)
  const followed = after < text.length && !/[\r\n]/.test(text.slice(end, after))
  const keepsLine = before === start ? text.charAt(end - 1) === ',' : /[\r\n]/.test(text.slice(before, start))
  return followed && keepsLine ? [start, after] : [before, end]
}

/** Removes the blank that a container's only entry has left. */
function closeUp(text: string, entry: Node): string {
  const open = (entry.parent?.offset ?? 0) + 1
  const close = blankAfter(text, open)
  return /[\]}]/.test(text.charAt(close)) ? splice(text, open, close, '') : text
}

function layoutOf(text: string): Layout {
  const root = treeOf(text)
  const first = root?.children?.[0]
  const indent = first !== undefined && startsLine(text, first.offset) ? indentAt(text, first.offset) : ''
  return {
    eol: /\r\n?|\n/.exec(text)?.[0] ?? '\n',
    unit: indent || '  ',
    compact:
      root !== undefined && first !== undefined && !/[\r\n]/.test(text.slice(root.offset, endOf(root))),
  }
}

function printed(value: unknown, key: string | undefined, indent: string, layout: Layout): string {
  const name = key === undefined ? '' : `${JSON.stringify(key)}:${layout.compact ? '' : ' '}`
  if (layout.compact) return name + JSON.stringify(value)
  return name + JSON.stringify(value, null, layout.unit).replaceAll('\n', layout.eol + indent)
}

function splice(text: string, from: number, to: number, inserted: string): string {
  return text.slice(0, from) + inserted + text.slice(to)
}

function endOf(node: Node): number {
  return node.offset + node.length
}

/** The offset of the comma that comes next, comments passed over; undefined when something else comes next. */
function commaAfter(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true)
  scanner.setPosition(offset)
  scanner.scan()
  return text.charAt(scanner.getTokenOffset()) === ',' ? scanner.getTokenOffset() : undefined
}

function blankBefore(text: string, offset: number): number {
  return text.slice(0, offset).replace(/[ \t\r\n]+$/, '').length
}

function blankAfter(text: string, offset: number): number {
  return offset + (/^[ \t\r\n]*/.exec(text.slice(offset))?.[0].length ?? 0)
}

function lineStart(text: string, offset: number): number {
  return text.slice(0, offset).search(/[^\r\n]*$/)
}

function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? ''
}

function startsLine(text: string, offset: number): boolean {
  const start = lineStart(text, offset)
  return start > 0 && text.slice(start, offset).trim() === ''
}
