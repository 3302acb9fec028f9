// Runs the child from sources.json beside it. What counts the calls of node:fs comes first, before anything takes node:fs.

const { readFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname, join } = require('node:path')
const { compileFunction } = require('node:vm')

const sources = JSON.parse(readFileSync(join(__dirname, 'sources.json'), 'utf8'))
const loaded = new Map()

function load(file) {
  const known = loaded.get(file)
  if (known !== undefined) return known
  const exports = {}
  loaded.set(file, exports)
  const filename = join(__dirname, file)
  const run = compileFunction(sources[file], ['exports', 'require', '__filename', '__dirname'], { filename })
  run(exports, requireFrom(file), filename, dirname(filename))
  return exports
}

function requireFrom(file) {
  const real = createRequire(join(__dirname, file))
  return (name) => (name.startsWith('.') ? load(join(dirname(file), name)) : real(name))
}

load('test/crash/counting.js')
load('test/crash/child.js')
