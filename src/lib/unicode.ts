/** Whether text is text to PostgreSQL: no NUL, and no half of a surrogate pair, which is no character. */
export function isValidUnicode(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
