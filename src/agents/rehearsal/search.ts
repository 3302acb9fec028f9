/** How a rehearsal agent answers: the lines of its own files that have most of the question's words, quoted with their places. */

import * as path from 'node:path'
import { fileSize, listByKind, readText } from '../../spool/disk.ts'

type Line = { place: string; text: string }
type Scored = Line & { score: number }

const MOST_FILES = 500
const MOST_BYTES = 200_000
const QUOTED = 3
const PASSED_OVER = /^(?:\.|node_modules$|dist$|build$|target$|package-lock\.json$)/

/** Says what the files below `directory` have on a question. Reads them, and changes nothing. */
export function answerFrom(directory: string, question: string): string {
  const files = filesBelow(directory).slice(0, MOST_FILES)
  const lines = files.flatMap((file) => linesOf(directory, file))
  const best = rank(lines, wordsOf(question))
  const found = best.map(({ place, text }) => `${place}: ${text}`)
  const nothing = 'No line of my files has a word of this question.'
  return [...(found.length > 0 ? found : [nothing]), confession(files.length)].join('\n')
}

function confession(count: number): string {
  return `(rehearsal agent: this is a text search in my own directory, ${count === 1 ? '1 file' : `${count} files`}, not a model)`
}

function filesBelow(directory: string, below = ''): string[] {
  const { files, directories } = listByKind(path.join(directory, below))
  const wanted = (name: string) => !PASSED_OVER.test(name)
  const here = files.filter(wanted).map((name) => path.join(below, name))
  return [
    ...here,
    ...directories.filter(wanted).flatMap((name) => filesBelow(directory, path.join(below, name))),
  ]
}

function linesOf(directory: string, file: string): Line[] {
  const whole = path.join(directory, file)
  const text = fileSize(whole) <= MOST_BYTES ? (readText(whole) ?? '') : ''
  if (text.includes('\0')) return []
  return text.split('\n').map((line, n) => ({ place: `${file}:${n + 1}`, text: line.trim().slice(0, 200) }))
}

/** The best lines, the rarer a word the more it counts; none where no word is found. */
function rank(lines: Line[], words: string[]): Scored[] {
  const having = (word: string) => lines.filter((line) => has(line, word)).length
  const weights = words.map((word) => ({ word, weight: Math.log(1 + lines.length / (1 + having(word))) }))
  const score = (line: Line) =>
    weights.reduce((sum, { word, weight }) => sum + (has(line, word) ? weight : 0), 0)
  const scored = lines.map((line) => ({ ...line, score: score(line) })).sort((a, b) => b.score - a.score)
  const least = Math.max(Number.MIN_VALUE, (scored[0]?.score ?? 0) * 0.6)
  return scored.filter((line) => line.score >= least).slice(0, QUOTED)
}

function has({ text }: Line, word: string): boolean {
  return text.toLowerCase().includes(word)
}

const EMPTY_WORDS = new Set(
  'about and are can does for from has have how its the their there this what when where which who why with you your'.split(
    ' ',
  ),
)

/** The words of a question that say something, without their endings. */
function wordsOf(question: string): string[] {
  const words = question.toLowerCase().match(/[\p{L}\p{N}_]{3,}/gu) ?? []
  const telling = words.filter((word) => !EMPTY_WORDS.has(word))
  return [...new Set(telling.map((word) => (word.length > 4 ? word.replace(/(?:ing|ed|es|s)$/, '') : word)))]
}
