import leven, { closestMatch } from 'leven'

/** The work grows with the length of the names; none of ours is this long. */
const MAX_NAME_LENGTH = 60

/** The name that a mistyped one probably means; undefined where none is close. Case, `_` and `-` do not count. */
export function closestName(given: string, names: Iterable<string>): string | undefined {
  const byForm = new Map([...names].map((name) => [normalise(name), name]))
  const form = normalise(given)
  if (form.length > MAX_NAME_LENGTH) return undefined
  // Two exchanged letters are two edits.
  const maxDistance = form.length < 4 ? 1 : Math.max(2, Math.floor(form.length / 3))
  const closest = closestMatch(form, [...byForm.keys()], { maxDistance })
  return closest === undefined ? undefined : byForm.get(closest)
}

/** The number of letters to insert, delete or replace; a swap of two neighbours counts as one as well. */
export function nameDistance(one: string, other: string): number {
  const distance = leven(one, other)
  return distance === 2 && sortedLetters(one) === sortedLetters(other) ? 1 : distance
}

function sortedLetters(text: string): string {
  return [...text].sort().join('')
}

function normalise(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '')
}
