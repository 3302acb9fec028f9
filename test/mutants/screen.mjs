// What the screen of a client tells: where its box is, whether it is empty, and whether it holds exactly ours.

import { without } from './without.mjs'

const COMPOSER = 'src/agents/claude-code/composer.ts'
const inRules = 'test/courier/rules.test.ts'
const inComposer = 'test/agents/composer.test.ts'
const shows = (name, state) => `the screen ${name}.txt is taken for ${state}`
const anyBox = 'a box is one only between undimmed rules, and with the sign and its no-break space'
const unfocused = 'a box without a cursor is empty only where the terminal keeps its own behind the sign'
const onlyOurs = 'only the header and the folded body with its number of lines are exactly ours'

export const screen = [
  without(
    COMPOSER,
    'box-none',
    'a screen without two rules has no box',
    "    return unknown('the screen shows no input box')",
    inComposer,
    shows('ctrl-z', 'unknown'),
    "    return { state: 'empty' }",
  ),
  without(
    COMPOSER,
    'box-dim-rules',
    'dim rules frame no box',
    ' && row.cells[0]?.dim === false',
    inComposer,
    anyBox,
  ),
  without(
    COMPOSER,
    'box-sign',
    'a box begins with the prompt sign and a no-break space',
    '  if (!first.startsWith(SIGN)) return unknown(`the box begins with "${first.slice(0, 12).trim()}"`)',
    inComposer,
    shows('bang-empty', 'unknown'),
  ),
  without(
    COMPOSER,
    'box-cursor-elsewhere',
    'without a cursor in it, a box is empty only where the terminal keeps its own behind the sign',
    '  if (!cursorBehindSign || row === undefined || more !== undefined) return false',
    inComposer,
    unfocused,
    '  if (row === undefined || more !== undefined) return false',
  ),
  without(
    COMPOSER,
    'box-unfocused-row',
    'a box of two rows is not empty, with the focus or without',
    '  if (!cursorBehindSign || row === undefined || more !== undefined) return false',
    inComposer,
    unfocused,
    '  if (!cursorBehindSign || row === undefined) return false',
  ),
  without(
    COMPOSER,
    'box-unfocused-text',
    'a text behind the cursor is a text, with the focus or without',
    " && (cell.dim || cell.text.trim() === ''))\n}\n\nfunction unknown",
    inComposer,
    unfocused,
    ')\n}\n\nfunction unknown',
  ),
  without(
    COMPOSER,
    'box-unfocused-cursor',
    'a cursor in the box is where the keys go, whatever the terminal says',
    '!cell.reverse && ',
    inComposer,
    unfocused,
  ),
  without(
    COMPOSER,
    'box-scrolled',
    'a draft that is higher than the box is a draft',
    '  if (rowText(rows[top] as Row).includes(SCROLLED)) return',
    inRules,
    'a draft whose first rows are out of sight is a draft',
    "  if (rowText(rows[top] as Row).includes('no such sign')) return",
  ),
  without(
    COMPOSER,
    'box-cursor',
    'a box without its cursor is not empty',
    "    ? unknown('the box looks empty, but its cursor is not in it')",
    inComposer,
    anyBox,
    "    ? { state: 'empty' }",
  ),
  without(
    COMPOSER,
    'box-one-row',
    'a box with more than one row is not empty',
    'if (row === undefined || more !== undefined) return false',
    inRules,
    'a box with a second row is not empty',
    'if (row === undefined) return false',
  ),
  without(
    COMPOSER,
    'box-undimmed',
    'a letter that is not dim is a draft',
    "  return blank && rest.every((cell) => cell.dim || cell.text.trim() === '')",
    inRules,
    'a draft under whose first blank the cursor stands is not empty',
    '  return blank',
  ),
  without(
    COMPOSER,
    'ours-header',
    'what begins with another text is not ours',
    '  if (!shown.startsWith(header)) return false',
    inComposer,
    onlyOurs,
  ),
  without(
    COMPOSER,
    'ours-nothing-behind',
    'what has a key behind it is not ours',
    'lines\\]$/)',
    inComposer,
    onlyOurs,
    'lines\\]/)',
  ),
  without(
    COMPOSER,
    'ours-lines',
    'a body of another number of lines is not ours',
    "  return Number(folded?.[1]) === frame.body.split('\\n').length - 1",
    inComposer,
    onlyOurs,
    '  return folded !== null',
  ),
  without(
    COMPOSER,
    'room-rows',
    'a box that would scroll is too small',
    ' && rows <= Math.max(3, Math.floor(height / 2) - 5)',
    inComposer,
    'a pane of 50x9 is too small for what is typed',
  ),
  without(
    COMPOSER,
    'room-height',
    'a pane of eight rows is too small',
    'height >= 9 && ',
    inComposer,
    'a pane of 120x8 is too small for what is typed',
  ),
]
