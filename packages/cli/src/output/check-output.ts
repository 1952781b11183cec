import type { Check, Warning } from 'cerberus-idp-admin-client'
import { type Format, printList, printParagraphs, terminalWidth, writeLines } from './print.ts'
import { fit, widthOf } from './text-width.ts'

/** A check, and what it is about: the client, or the authorization request. */
export interface SubjectCheck extends Check {
  about: 'client' | 'request'
}

/** Prints warnings: at a terminal a paragraph each. */
export function printWarnings(warnings: readonly Warning[], format: Format): void {
  const width = terminalWidth()
  if (format !== 'table' || width === undefined) {
    return printList(warnings, format, ['code', 'member', 'message', 'advice'])
  }
  const paragraphs = warnings.map(({ member, code, message, advice }) => ({
    title: `${member}  ${code}`,
    rows: [
      ['Risk', `${member} ${message}`],
      ['Advice', advice],
    ] as const,
  }))
  printParagraphs(paragraphs, width)
}

const signs = { failed: 'failed ', passed: 'passed ', skipped: 'skipped' } as const
const ranks = { failed: 0, passed: 1, skipped: 2 } as const

/** Prints checks, the failed ones first. At a terminal each failed check is a paragraph, and each other one a line. */
export function printChecks(checks: readonly SubjectCheck[], format: Format): void {
  const sorted = checks.toSorted((one, other) => ranks[one.outcome] - ranks[other.outcome])
  const width = terminalWidth()
  if (format !== 'table' || width === undefined) {
    return printList(sorted, format, ['about', 'name', 'outcome', 'expected', 'seen', 'advice'])
  }
  const failed = sorted.filter(({ outcome }) => outcome === 'failed')
  const paragraphs = failed.map(({ about, name, expected, seen, advice }) => ({
    title: `${signs.failed}  ${about}  ${name}`,
    rows: [['Expected', expected], ['Seen', seen], ...(advice === null ? [] : [['Advice', advice] as const])] as const,
  }))
  printParagraphs(paragraphs, width)
  const others = sorted.filter(({ outcome }) => outcome !== 'failed')
  const nameWidth = Math.max(0, ...others.map(({ name }) => widthOf(name)))
  writeLines(
    others.map(({ about, name, outcome, seen }) =>
      fit(`${signs[outcome]}  ${fit(about, 7)}  ${fit(name, nameWidth)}  ${seen}`, width).trimEnd(),
    ),
  )
}
