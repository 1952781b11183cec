// Rules for every source file of the server and the packages, whatever its folder.
import { stripLiterals } from './source-scanner.ts'

const MAX_LINES = 300
const VAGUE_NAME = /^(?:utils?|helpers?|common|shared|misc)$/
const ANY = /(?::|\bas|<|\||&|=>)\s*any\b(?!\s*[:(])|\bany\s*(?:\[\]|>)/

/** The ways in which a file breaks these rules. */
export function styleBreaches(file: string, source: string): string[] {
  const breaches: string[] = []
  if (ANY.test(stripLiterals(source))) breaches.push('nothing is typed any')
  if (/@ts-(?:ignore|expect-error|nocheck)\b/.test(source)) breaches.push('silences the type checker')
  for (const [, reason] of source.matchAll(/(?:oxlint|eslint)-disable\S*[^\n]*?(--[^\n]*)?\n/g)) {
    if (reason === undefined) breaches.push('disables a lint rule without its reason')
  }
  const lines = source.split('\n').length - 1
  if (lines > MAX_LINES) breaches.push(`has ${lines} lines`)
  if (file.split('/').some((part) => VAGUE_NAME.test(part.replace(/\.tsx?$/, ''))))
    breaches.push('is a drawer by its name')
  return breaches
}
