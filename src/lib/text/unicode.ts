/** Whether PostgreSQL can store a text: without lone surrogates, which are not Unicode, and without NUL. */
export function isValidUnicode(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
