/** A rule of one file whose lines are taken out, or replaced. The fields are those of Mutant in table.d.mts. */
export const without = (file, name, off, find, test, title, replace = '') => ({
  name,
  off,
  file,
  find,
  replace,
  test,
  title,
})
