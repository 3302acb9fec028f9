// Builds dist/: three bundles that carry their dependencies, and the licences of what they carry. All are CommonJS: the
// loader of ES modules costs 8 ms at every start. The hook runs at every prompt, and carries no package at all.

import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')

const bundles = [
  {
    entry: 'src/main.ts',
    name: 'repowire',
    file: 'repowire.js',
    chunks: true,
    executable: true,
  },
  { entry: 'src/surfaces/mcp/main.ts', name: 'mcp', file: 'mcp.js' },
  { entry: 'src/surfaces/hook/main.ts', name: 'hook', file: 'hook.cjs', packages: false },
]

/** Changes with every byte of src/ and with every dependency. */
function hashOfSources() {
  const hash = createHash('sha256')
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  for (const path of [...sources.sort(), join(root, 'package-lock.json')]) {
    const bytes = readFileSync(path)
    hash.update(`${path.slice(root.length).replaceAll(sep, '/')} ${bytes.length}\n`).update(bytes)
  }
  return hash.digest('hex').slice(0, 10)
}

/** The directory of the package that a bundled module came from, or undefined for a file of ours. */
function packageOf(moduleId) {
  const path = moduleId.replace(/^\0/, '').replaceAll(sep, '/')
  return path.match(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]
}

const CHEAP = /^node:(fs|os|path)$/

/**
 * True for a module of ours that needs no package and no dear part of node, nor does any that it imports. A main.ts acts
 * when it is loaded, so it is never loaded together with others.
 */
function isLight(id, graph, above = new Set()) {
  if (above.has(id)) return true
  if (!id.startsWith(join(root, 'src'))) return CHEAP.test(id)
  if (id.endsWith('/main.ts')) return false
  const { importedIds } = graph.getModuleInfo(id)
  return importedIds.every((imported) => isLight(imported, graph, new Set([...above, id])))
}

/** True for a module that is `entry`, or that it needs. */
function isNeededBy(entry, id, graph) {
  const seen = new Set()
  const visit = (each) => {
    if (seen.has(each) || !each.startsWith(join(root, 'src'))) return
    seen.add(each)
    for (const imported of graph.getModuleInfo(each)?.importedIds ?? []) visit(imported)
  }
  visit(join(root, entry))
  return seen.has(id)
}

// A file costs half a millisecond at every start, and 15 KB of code one: so there are three of ours. What --help needs,
// what `repowire peers` needs beside it, and the rest.
const GROUPS = [
  { name: 'start', tags: ['$initial'], priority: 2 },
  {
    debugName: 'look',
    name: (id, graph) => (isNeededBy('src/surfaces/cli/peers.ts', id, graph) ? 'look' : null),
    priority: 1,
  },
  { debugName: 'light', name: (id, graph) => (isLight(id, graph) ? 'light' : null) },
]

async function build({ entry, name, file, chunks, executable, packages }, define) {
  const bundle = await rolldown({
    cwd: root,
    input: { [name]: entry },
    platform: 'node',
    tsconfig: false,
    // jsonc-parser's main is UMD, whose require() no bundler can see.
    resolve: { mainFields: ['module', 'main'] },
    transform: { define },
    onLog(level, log, otherwise) {
      if (log.code === 'INEFFECTIVE_DYNAMIC_IMPORT') return // another command loads it with itself
      // A missing package would only be missed where the bundle runs.
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message)
      otherwise(level, log)
    },
  })
  const { output } = await bundle.write({
    dir: dist,
    format: 'cjs',
    entryFileNames: file,
    chunkFileNames: `${name}-[name]-[hash].js`,
    codeSplitting: chunks ? { groups: GROUPS } : false,
    minify: true,
    comments: false,
    postBanner: (chunk) => (executable && chunk.isEntry ? '#!/usr/bin/env node' : ''),
  })
  await bundle.close()
  if (executable) chmodSync(join(dist, file), 0o755)

  const used = new Set(output.flatMap((chunk) => chunk.moduleIds ?? []).map(packageOf))
  used.delete(undefined)
  if (packages === false && used.size > 0) {
    const names = [...used].map((path) => path.replace(/^.*\/node_modules\//, '')).sort()
    throw new Error(`${file} must carry no package, but it carries ${names.join(', ')}: look who imports it`)
  }
  return used
}

/** One section per bundled package: its name, its version, and the licence files that it ships. */
function licences(packages) {
  const sections = packages.map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
    const texts = readdirSync(path)
      .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
      .map((file) => readFileSync(join(path, file), 'utf8').trim())
    return `${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`
  })
  return sections.sort().join(`\n${'-'.repeat(78)}\n\n`)
}

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const define = { __VERSION__: JSON.stringify(version), __BUILD__: JSON.stringify(hashOfSources()) }

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist)
writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n')
try {
  const packages = new Set()
  for (const bundle of bundles) for (const path of await build(bundle, define)) packages.add(path)
  writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licences([...packages]))
} catch (error) {
  rmSync(dist, { recursive: true, force: true })
  console.error(`build: ${stripVTControlCharacters(error.message)}`)
  process.exitCode = 1
}
