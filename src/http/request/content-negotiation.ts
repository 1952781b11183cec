/** Nobody lists so many types; a longer list is not worth reading. */
const MAX_MEDIA_RANGES = 32

/**
 * Whether an `Accept` header (RFC 9110 §12.5.1) asks for `type` by its name and likes it no less than JSON. Ranges such as
 * `*` ask for nothing in particular.
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
