/** Nobody lists so many types; a longer list is not worth reading. */
const LONGEST_LIST = 32

/**
 * Whether an `Accept` header (RFC 9110 §12.5.1) asks for `type` by its name and likes it no less than JSON. Ranges such as
 * `*` ask for nothing in particular.
 */
export function asksFor(type: string, accept: string | undefined): boolean {
  const wanted = weightOf(type, accept)
  return wanted > 0 && wanted >= weightOf('application/json', accept)
}

function weightOf(type: string, accept: string | undefined): number {
  for (const entry of (accept ?? '').split(',', LONGEST_LIST)) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
    if (name !== type) continue
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    if (weight === undefined) return 1
    return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight) : 0
  }
  return 0
}
