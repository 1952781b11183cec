/**
 * Spreadsheets take a cell that begins with one of these for a formula. An apostrophe makes it text, also before apostrophes,
 * so that a program can remove one.
 */
const FORMULA = /^'*[=+\-@\t\r\n]/

/** A cell of a CSV file (RFC 4180 §2). */
export function toCell(value: string | boolean | null | undefined): string {
  const text = String(value ?? '')
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
