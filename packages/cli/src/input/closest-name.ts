import { closestMatch } from 'leven'

/** The name that a mistyped one probably means; undefined where none is close. Case, `_` and `-` do not count. */
export function closestName(given: string, names: Iterable<string>): string | undefined {
  const byForm = new Map([...names].map((name) => [normalise(name), name]))
  const form = normalise(given)
  // Two exchanged letters are two edits.
  const maxDistance = form.length < 4 ? 1 : Math.max(2, Math.floor(form.length / 3))
  const closest = closestMatch(form, [...byForm.keys()], { maxDistance })
  return closest === undefined ? undefined : byForm.get(closest)
}

/** ` Did you mean …?` for the end of a message; empty where no name is close. */
export function suggestion(given: string, names: Iterable<string>): string {
  const closest = closestName(given, names)
  return closest === undefined ? '' : ` Did you mean ${closest}?`
}

function normalise(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '')
}
