/**
 * The program under test: src/ and the child, compiled file by file in their own layout, so that a stack names the place
 * of each call. CommonJS, since that starts fastest.
 */

import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import ts from 'typescript'
import { makeDir, plainEnv, ROOT, run } from '../world.ts'
import type { Task } from './child.ts'
import type { Call } from './counting.ts'

export type Program = { dir: string }

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
  for (const file of files) if (file.endsWith('.ts')) compileFile(dir, file, change)
  return { dir }
}

function compileFile(dir: string, file: string, change: Change | undefined): void {
  const source = readFileSync(join(ROOT, file), 'utf8')
  const target = join(dir, file.replace(/ts$/, 'js'))
  mkdirSync(dirname(target), { recursive: true })
  const text = file === change?.file ? changed(source, change) : source
  writeFileSync(target, ts.transpileModule(text, { compilerOptions: OPTIONS }).outputText)
}

function changed(source: string, { file, from, to }: Change): string {
  if (!source.includes(from)) throw new Error(`${file} does not say "${from}" any more: mend the change`)
  return source.replace(from, to)
}

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url)).slice(ROOT.length)

/** Runs the child to its end, or to its death before call number `last`. */
export async function perform(t: Test, { dir }: Program, task: Task): Promise<Death> {
  const child = join(dir, CHILD.replace(/ts$/, 'js'))
  const first = join(dirname(child), 'counting.js')
  const command = [process.execPath, '--require', first, child, JSON.stringify(task)]
  const { signal, stdout, stderr } = await run(t, command, { env: plainEnv() })
  return { signal, calls: stdout === '' ? [] : (JSON.parse(stdout) as Call[]), stderr }
}
