/**
 * The program under test: src/ and the child, compiled file by file under their own names, so that a stack names the place
 * of each call; and all of them in one file, since a child that looks for sixty starts twice as slowly.
 */

import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import ts from 'typescript'
import { makeDir, plainEnv, ROOT, run } from '../world.ts'
import type { Task } from './child.ts'
import type { Call } from './counting.ts'

/** `sources`: the compiled texts by their names, `src/spool/disk.js`. */
export type Program = { dir: string; sources: Record<string, string> }

/** A change of a source before it is compiled: the harness must notice what it breaks. */
export type Change = { file: string; from: string; to: string }

/** `calls`: all that a child made, or the one before which it was killed. */
export type Death = { signal: string | null; calls: Call[]; stderr: string }

const PARTS = ['src/protocol', 'src/spool', 'src/verbs', 'test/crash/acts', 'test/crash']

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2022,
  esModuleInterop: true,
  rewriteRelativeImportExtensions: true,
  removeComments: true,
}

export function compile(t: Test, change?: Change): Program {
  const dir = makeDir(t)
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'))
  const files = PARTS.flatMap((part) => readdirSync(join(ROOT, part)).map((file) => `${part}/${file}`))
  const compiled = files.filter((file) => file.endsWith('.ts')).map((file) => compileFile(file, change))
  const sources = Object.fromEntries(compiled)
  writeFileSync(join(dir, 'sources.json'), JSON.stringify(sources))
  writeFileSync(join(dir, 'start.cjs'), readFileSync(join(ROOT, 'test/crash/start.cjs')))
  return { dir, sources }
}

const unchanged = new Map<string, string>()

function compileFile(file: string, change: Change | undefined): [string, string] {
  const name = file.replace(/ts$/, 'js')
  const source = readFileSync(join(ROOT, file), 'utf8')
  if (file === change?.file) return [name, transpile(changed(source, change))]
  const text = unchanged.get(file) ?? transpile(source)
  unchanged.set(file, text)
  return [name, text]
}

function transpile(source: string): string {
  return ts.transpileModule(source, { compilerOptions: OPTIONS }).outputText
}

function changed(source: string, { file, from, to }: Change): string {
  if (!source.includes(from)) throw new Error(`${file} does not say "${from}" any more: mend the change`)
  return source.replace(from, to)
}

/** Runs the child to its end, or to its death before call number `last`. */
export async function perform(t: Test, { dir }: Program, task: Task): Promise<Death> {
  const command = [process.execPath, join(dir, 'start.cjs'), JSON.stringify(task)]
  const { signal, stdout, stderr } = await run(t, command, { env: plainEnv() })
  return { signal, calls: stdout === '' ? [] : (JSON.parse(stdout) as Call[]), stderr }
}
