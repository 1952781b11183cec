import { excerpt } from '../lib/text/excerpt.ts'
import { parseForeignJson, UnacceptableJson } from '../lib/json.ts'
import { isObject } from '../lib/object.ts'
import { parseCompact, type Claims, type CompactToken } from './jws.ts'

// One rule set for every JWT that another party signs: client assertions, request objects, DPoP proofs, software
// statements and signed registrations. It is that of jose: types of the registered claims, dates, `typ` and `crit`.

/** The tolerated difference between the clocks of the signer and of this server (FAPI 2.0 Security Profile §5.3.2.1). */
export const CLOCK_SKEW_SECONDS = 30
/** How long after its `exp` a JWT stays in the replay cache: also where the clock of another process is behind. */
export const REPLAY_MARGIN_SECONDS = 2 * CLOCK_SKEW_SECONDS

/** The types that a kind of JWT may have (RFC 8725 §3.11). */
export interface JwtType {
  /** The media types in lower case, without `application/`. */
  types: readonly string[]
  /** Whether `typ` must be there. */
  isRequired: boolean
}

/** A JWT of a kind that had no type of its own at first: `typ` may be absent, `JWT`, or `specific`. */
export function optionalType(specific?: string): JwtType {
  return { types: specific === undefined ? ['jwt'] : ['jwt', specific], isRequired: false }
}

/** A JWT whose claims are parsed, and whose signature and dates are not verified. */
export interface ForeignJwt extends CompactToken {
  claims: Claims
}

/** Why a JWT is rejected; completes the sentence "The JWT …". */
export interface JwtFlaw {
  flaw: string
}

/** Parses a JWT of another party and checks its form: `typ`, `crit`, and the types of its registered claims (RFC 7519 §4.1). */
export function readForeignJwt(text: string, type?: JwtType): ForeignJwt | JwtFlaw {
  const token = parseCompact(text)
  if (!token) return { flaw: 'is not one JWT in compact form' }
  const { typ, crit, kid } = token.header
  // `crit` lists extensions that must be understood (RFC 7515 §4.1.11); this server supports none.
  if (crit !== undefined) return { flaw: 'has an unsupported crit header' }
  if (kid !== undefined && typeof kid !== 'string') return { flaw: 'has a kid that is not text' }
  if (type && !hasType(typ, type))
    return { flaw: `must have the typ ${type.types.join(' or ')}${type.isRequired ? '' : ', or none'}` }
  const read = readClaims(token)
  if ('flaw' in read) return read
  const wrong = findMistypedClaim(read.claims)
  return wrong === undefined ? { ...token, claims: read.claims } : { flaw: `has a claim ${wrong} of the wrong type` }
}

/**
 * Why a JWT must not be accepted at `now` by its `exp`, `nbf` and `iat` (RFC 7519 §4.1), or undefined. Claims that are
 * absent are not required here.
 */
export function findTimeFlaw({ exp, nbf, iat }: Claims, now: Date): JwtFlaw | undefined {
  const seconds = now.getTime() / 1000
  if (typeof exp === 'number' && exp <= seconds - CLOCK_SKEW_SECONDS) return { flaw: 'has expired' }
  if (typeof nbf === 'number' && nbf > seconds + CLOCK_SKEW_SECONDS) return { flaw: 'is not valid yet' }
  if (typeof iat === 'number' && iat > seconds + CLOCK_SKEW_SECONDS) return { flaw: 'has an iat in the future' }
  return undefined
}

/** Compares media types as RFC 7515 §4.1.9 prescribes: in any case, and `application/` may be left out. */
function hasType(typ: unknown, { types, isRequired }: JwtType): boolean {
  if (typ === undefined) return !isRequired
  return typeof typ === 'string' && types.includes(typ.toLowerCase().replace(/^application\//, ''))
}

function readClaims({ payload }: CompactToken): { claims: Claims } | JwtFlaw {
  try {
    const claims = parseForeignJson(payload)
    return isObject(claims) ? { claims } : { flaw: 'has claims that are not a JSON object' }
  } catch (error) {
    if (!(error instanceof UnacceptableJson)) throw error
    if (error.code === 'malformed') return { flaw: 'has claims that are not a JSON object' }
    const name = excerpt(error.path.join('.'))
    return { flaw: `has ${name === '' ? 'claims' : `a claim '${name}'`} that ${error.message}` }
  }
}

const claimTypes: Readonly<Record<string, (value: unknown) => boolean>> = {
  iss: (value) => typeof value === 'string',
  sub: (value) => typeof value === 'string',
  aud: (value) => [value].flat().every((name) => typeof name === 'string'),
  exp: (value) => typeof value === 'number',
  nbf: (value) => typeof value === 'number',
  iat: (value) => typeof value === 'number',
  jti: (value) => typeof value === 'string',
}

/** The first registered claim whose value is not of its type (RFC 7519 §4.1). */
function findMistypedClaim(claims: Claims): string | undefined {
  return Object.keys(claimTypes).find((name) => claims[name] !== undefined && !claimTypes[name]?.(claims[name]))
}
