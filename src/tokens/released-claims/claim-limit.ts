import { overflowClaim } from '../../oauth/reserved-claims.ts'

/** Claims that fit into a token, and the names of those that do not. */
export interface LimitedClaims {
  claims: Record<string, unknown>
  omitted: string[]
}

/**
 * Leaves out the largest claims until the others have at most `maxBytes` octets as JSON. Each that is left out is replaced
 * by `NAME_overflow: true`: userinfo returns it. A header that is too long would be rejected by proxies instead.
 */
export function limitClaims(claims: Record<string, unknown>, maxBytes: number): LimitedClaims {
  const sizes = Object.entries(claims).map(([name, value]) => ({ name, bytes: sizeOf(name, value) }))
  let total = sizes.reduce((sum, { bytes }) => sum + bytes, 0)
  if (total <= maxBytes) return { claims, omitted: [] }
  const omitted = new Set<string>()
  for (const { name, bytes } of [...sizes].sort((a, b) => b.bytes - a.bytes)) {
    if (total <= maxBytes) break
    omitted.add(name)
    total += sizeOf(overflowClaim(name), true) - bytes
  }
  const fitting = Object.entries(claims).map(([name, value]) =>
    omitted.has(name) ? [overflowClaim(name), true] : [name, value],
  )
  return { claims: Object.fromEntries(fitting) as Record<string, unknown>, omitted: [...omitted] }
}

/** The octets of a member of a JSON object, with its comma. */
function sizeOf(name: string, value: unknown): number {
  return Buffer.byteLength(JSON.stringify({ [name]: value })) - 1
}
