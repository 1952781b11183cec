import type { FastifyInstance } from 'fastify'
import { isStorable } from '../lib/text.ts'
import { invalid, type ValidationIssue } from './problem-dialect.ts'

const DEEPEST = 20
const MOST_ISSUES = 20

/**
 * Refuses JSON bodies that hold text which is no text, after their schema has had its say: NUL and halves of surrogate
 * pairs, which PostgreSQL cannot store; and bodies nested so deep that walking them is the attack.
 */
export function refuseBrokenText(scope: FastifyInstance): void {
  scope.addHook('preHandler', (request, _reply, done) => {
    const issues: ValidationIssue[] = []
    inspect(request.body, [], issues)
    done(issues.length === 0 ? undefined : invalid(issues))
  })
}

function inspect(value: unknown, path: (string | number)[], issues: ValidationIssue[]): void {
  if (issues.length >= MOST_ISSUES) return
  if (path.length > DEEPEST) {
    issues.push({ path: path.slice(0, 3), code: 'too_deep', message: `must be nested at most ${DEEPEST} deep` })
  } else if (typeof value === 'string') {
    if (!isStorable(value)) {
      issues.push({
        path,
        code: 'invalid_text',
        message: 'must not hold the character NUL or half of a surrogate pair',
      })
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      inspect(member, [...path, Array.isArray(value) ? Number(name) : name], issues)
    }
  }
}
