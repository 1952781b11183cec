import { ApiError } from 'cerberus-idp-admin-client'
import { type ExitReason, Failure } from '../failure.ts'
import { type Entry, invalidConfiguration } from './document.ts'

/** What the server rejects about one entry. */
export interface Rejection {
  reason: ExitReason
  problems: string[]
}

const collectedReasons = new Set<ExitReason>(['invalid', 'forbidden', 'conflict', 'notFound'])

/** What the server rejects about one entry; undefined for errors that concern all entries. `title` names the entry. */
export function rejectionOf(
  error: unknown,
  entry: Pick<Entry, 'location'>,
  title = 'the client',
): Rejection | undefined {
  if (!(error instanceof ApiError) || !collectedReasons.has(error.kind)) return undefined
  const issues = error.issues.map(({ path, message }) => {
    const [member = '', ...rest] = path
    return `${entry.location([member, ...rest])}: ${path.join('.') || title} ${message}`
  })
  return { reason: error.kind, problems: issues.length > 0 ? issues : [`${entry.location()}: ${error.message}`] }
}

/** All rejections as one failure. */
export function combineRejections(rejections: readonly Rejection[]): Failure {
  const { message, details } = invalidConfiguration(rejections.flatMap(({ problems }) => problems))
  const [first] = rejections
  const isUniform = first !== undefined && rejections.every(({ reason }) => reason === first.reason)
  return new Failure(isUniform ? first.reason : 'invalid', message, details)
}
