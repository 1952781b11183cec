const MAX_EXCERPT_LENGTH = 100

/** The beginning of a text of another party, for a message that quotes it. The cut is marked by three dots. */
export function excerpt(text: string, maxLength = MAX_EXCERPT_LENGTH): string {
  if (text.length <= maxLength) return text
  // Half of a surrogate pair at the end would not be Unicode.
  return `${text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '')}...`
}
