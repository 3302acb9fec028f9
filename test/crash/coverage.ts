/** What there is to be killed in: every call of node:fs in the spool, and every function that the spool and the verbs export. */

import ts from 'typescript'
import type { Call } from './counting.ts'
import type { Program } from './program.ts'

/** `at`: as a stack names it. `name`: as a person does, `spool/disk.openNew openSync`, with a number from the second on. */
export type Site = { at: string; name: string }

export function callSites(program: Program): Site[] {
  return sourcesOf(program, 'spool').flatMap((source) => {
    const calls = nodesIn(source).filter(isCallOfFs)
    return calls.map((call) => ({ at: placeOf(source, call), name: nameOf(source, call, calls) }))
  })
}

/** Where node:fs is used in any way that `callSites` does not see. */
export function hiddenUses(program: Program): string[] {
  return sourcesOf(program, 'spool').flatMap((source) => {
    const uses = nodesIn(source).filter((node) => isOtherUse(node))
    return uses.map((node) => `${placeOf(source, node)} ${node.parent.getText()}`)
  })
}

/** `spool/publish.publish`, for every exported function. */
export function exportedFunctions(program: Program): string[] {
  return ['spool', 'verbs'].flatMap((part) =>
    sourcesOf(program, part).flatMap((source) => {
      const declared = source.statements.filter(ts.isFunctionDeclaration).map(({ name }) => name?.text)
      return exportsOf(source)
        .filter((name) => declared.includes(name))
        .map((name) => `${source.fileName.replace('.js', '')}.${name}`)
    }),
  )
}

/** The functions that were running when a child was killed. */
export function functionsOn(points: Call[]): Set<string> {
  return new Set(points.flatMap(({ chain }) => chain))
}

function sourcesOf({ sources }: Program, part: string): ts.SourceFile[] {
  const files = Object.keys(sources).filter((file) => file.startsWith(`src/${part}/`))
  return files.map((file) => {
    const name = file.slice('src/'.length)
    return ts.createSourceFile(name, sources[file] as string, ts.ScriptTarget.Latest, true)
  })
}

function nodesIn(node: ts.Node): ts.Node[] {
  return [node, ...node.getChildren().flatMap(nodesIn)]
}

const isFs = (node: ts.Node) => ts.isIdentifier(node) && node.text === 'fs'

function isCallOfFs(node: ts.Node): node is ts.PropertyAccessExpression {
  return (
    ts.isPropertyAccessExpression(node) &&
    isFs(node.expression) &&
    ts.isCallExpression(node.parent) &&
    node.parent.expression === node
  )
}

/** fs that is handed on or given another name, and node:fs that has another name than fs. */
function isOtherUse(node: ts.Node): boolean {
  if (ts.isStringLiteral(node) && /^(node:)?fs(\/|$)/.test(node.text)) return !isImport(node)
  if (!isFs(node) || (ts.isVariableDeclaration(node.parent) && node.parent.name === node)) return false
  return !isCallOfFs(node.parent) && node.parent.getText() !== 'fs.constants'
}

function isImport(node: ts.Node): boolean {
  const statement = ts.findAncestor(node, ts.isVariableDeclaration)
  return statement !== undefined && isFs(statement.name)
}

/** A stack names the place of the function's name. */
function placeOf(source: ts.SourceFile, node: ts.Node): string {
  const at = ts.isPropertyAccessExpression(node) ? node.name : node
  const { line, character } = source.getLineAndCharacterOfPosition(at.getStart())
  return `${source.fileName}:${line + 1}:${character + 1}`
}

function nameOf(
  source: ts.SourceFile,
  call: ts.PropertyAccessExpression,
  calls: ts.PropertyAccessExpression[],
): string {
  const plain = (it: ts.PropertyAccessExpression) => `${functionOf(it)} ${it.name.text}`
  const same = calls.filter((other) => plain(other) === plain(call))
  const n = same.indexOf(call) + 1
  return `${source.fileName.replace('.js', '')}.${plain(call)}${n === 1 ? '' : ` #${n}`}`
}

/** The function of the module in which a call stands. */
function functionOf(node: ts.Node): string {
  const all: string[] = []
  for (let up: ts.Node | undefined = node; up !== undefined; up = up.parent)
    if (ts.isFunctionDeclaration(up)) all.push(up.name?.text ?? '')
  return all.at(-1) ?? 'module'
}

/** The names in `exports.name = name`. */
function exportsOf(source: ts.SourceFile): string[] {
  return [...source.text.matchAll(/^exports\.(\w+) = \1;$/gm)].map(([, name]) => name as string)
}
