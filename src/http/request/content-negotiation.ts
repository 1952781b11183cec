/** Media ranges beyond this number are ignored. */
const MAX_MEDIA_RANGES = 32

/**
 * Whether an `Accept` header (RFC 9110 §12.5.1) names `type` with a weight not below that of JSON. Wildcards do not count.
 * `negotiator` cannot express this rule (docs/decisions/0026).
 */
export function prefersMediaType(type: string, accept: string | undefined): boolean {
  const quality = qualityOf(type, accept)
  return quality > 0 && quality >= qualityOf('application/json', accept)
}

function qualityOf(type: string, accept: string | undefined): number {
  for (const entry of (accept ?? '').split(',', MAX_MEDIA_RANGES)) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
    if (name !== type) continue
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    if (quality === undefined) return 1
    return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(quality) ? Number(quality) : 0
  }
  return 0
}
