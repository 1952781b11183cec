// Rules for every source file of the server and the packages, whatever its folder.
import { posix } from 'node:path'
import { stripLiterals } from './source-scanner.ts'

const MAX_LINES = 300
const MAX_FILES = 14
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

/** The folders with more files than one of ours may have. */
export function crowdedFolders(files: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const file of files) {
    const folder = posix.dirname(file)
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return [...counts].filter(([, count]) => count > MAX_FILES).map(([folder, count]) => `${folder} has ${count} files`)
}
