import {
  amrOf,
  methodsOfAmr,
  type AuthenticationMethod,
  type ProvenMethod,
} from '../../oauth/authentication-methods.ts'

/** A proven method as the column `methods` has it. `at`: milliseconds since 1970. */
export interface StoredMethod {
  method: AuthenticationMethod
  at: number
}

/** The value of the column `methods`. */
export function storeMethods(methods: readonly AuthenticationMethod[], at: Date): string {
  return JSON.stringify(methods.map((method) => ({ method, at: at.getTime() }) satisfies StoredMethod))
}

/**
 * The methods of a session. The previous release writes `amr` only: of a method that `methods` lacks, the time is that of the
 * sign-in, and methods from before that sign-in do not count.
 */
export function readMethods({
  amr,
  methods,
  auth_time: signedInAt,
}: {
  amr: readonly string[]
  methods: readonly StoredMethod[] | null
  auth_time: Date
}): ProvenMethod[] {
  const stored = (methods ?? [])
    .filter(({ at }) => at >= signedInAt.getTime())
    .map(({ method, at }) => ({ method, at: new Date(at) }))
  const known = new Set(amrOf(stored.map(({ method }) => method)))
  const missing = methodsOfAmr(amr.filter((value) => !known.has(value) || value === 'pop' || value === 'user'))
  const all = [...stored, ...missing.map((method) => ({ method, at: signedInAt }))]
  return all.length > 0 ? all : [{ method: 'password', at: signedInAt }]
}
