// `lib/text` judges and shortens text for people: names that were meant, excerpts, characters that can be seen.

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
  return isSwap(one, other) ? 1 : leven(one, other)
}

function isSwap(one: string, other: string): boolean {
  const index = one.split('').findIndex((letter, position) => letter !== other[position])
  const swapped = `${one.slice(0, index)}${one[index + 1]}${one[index]}${one.slice(index + 2)}`
  return index >= 0 && one.length === other.length && swapped === other
}

function normalise(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '')
}
