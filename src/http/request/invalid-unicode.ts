import type { FastifyInstance } from 'fastify'
import { isValidUnicode } from '../../lib/unicode.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'
import { validationError } from '../errors/problem.ts'

const MAX_DEPTH = 20
const MAX_ISSUES = 20

/**
 * Rejects JSON bodies with NUL or lone surrogates, which PostgreSQL cannot store, and bodies nested deeper than `MAX_DEPTH`,
 * whose traversal would be expensive. Runs after the schema has validated the body.
 */
export function rejectInvalidUnicode(scope: FastifyInstance): void {
  scope.addHook('preHandler', (request, _reply, done) => {
    const issues: ValidationIssue[] = []
    collectIssues(request.body, [], issues)
    done(issues.length === 0 ? undefined : validationError(issues))
  })
}

function collectIssues(value: unknown, path: (string | number)[], issues: ValidationIssue[]): void {
  if (issues.length >= MAX_ISSUES) return
  if (path.length > MAX_DEPTH) {
    issues.push({ path: path.slice(0, 3), code: 'too_deep', message: `must be nested at most ${MAX_DEPTH} deep` })
  } else if (typeof value === 'string') {
    if (!isValidUnicode(value)) {
      issues.push({
        path,
        code: 'invalid_text',
        message: 'must not contain the character NUL or a lone surrogate',
      })
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      collectIssues(member, [...path, Array.isArray(value) ? Number(name) : name], issues)
    }
  }
}
