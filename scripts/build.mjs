// Builds dist/: three bundles that carry their dependencies, and the licences of what they carry.
// The hook runs at every prompt, so it is CommonJS (the ESM loader costs 8 ms) and carries no package at all.

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
    format: 'esm',
    chunks: true,
    executable: true,
  },
  { entry: 'src/surfaces/mcp/main.ts', name: 'mcp', file: 'mcp.js', format: 'esm' },
  { entry: 'src/surfaces/hook/main.ts', name: 'hook', file: 'hook.cjs', format: 'cjs', packages: false },
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

async function build({ entry, name, file, format, chunks, executable, packages }, define) {
  const bundle = await rolldown({
    cwd: root,
    input: { [name]: entry },
    platform: 'node',
    tsconfig: false,
    // jsonc-parser's main is UMD, whose require() no bundler can see.
    resolve: { mainFields: ['module', 'main'] },
    transform: { define },
    onLog(level, log, otherwise) {
      // A missing package would only be missed where the bundle runs.
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message)
      otherwise(level, log)
    },
  })
  const { output } = await bundle.write({
    dir: dist,
    format,
    entryFileNames: file,
    chunkFileNames: `${name}-[name]-[hash].js`,
    codeSplitting: chunks ?? false,
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
try {
  const packages = new Set()
  for (const bundle of bundles) for (const path of await build(bundle, define)) packages.add(path)
  writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licences([...packages]))
} catch (error) {
  rmSync(dist, { recursive: true, force: true })
  console.error(`build: ${stripVTControlCharacters(error.message)}`)
  process.exitCode = 1
}
