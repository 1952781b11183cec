import { excerpt } from '../lib/text/excerpt.ts'
import { parseForeignJson, UnacceptableJson } from '../lib/json.ts'
import { isObject } from '../lib/object.ts'
import { OAuthError } from './errors.ts'

/** One member of the `claims` parameter (OpenID Connect Core §5.5.1). */
export interface ClaimRequest {
  essential: boolean
  /** The acceptable values of the claim; empty if any value is acceptable. */
  values: readonly unknown[]
}

/** The requested single claims, by the place where they are returned. */
export interface ClaimsRequest {
  userinfo: ReadonlyMap<string, ClaimRequest>
  idToken: ReadonlyMap<string, ClaimRequest>
}

const MAX_CLAIMS_LENGTH = 8192

/** Reads the `claims` parameter (§5.5). Throws `invalid_request`. Unknown members are ignored. */
export function parseClaimsRequest(text: string): ClaimsRequest {
  if (text.length > MAX_CLAIMS_LENGTH) {
    throw new OAuthError('invalid_request', `The parameter 'claims' may have at most ${MAX_CLAIMS_LENGTH} characters.`)
  }
  let value: unknown
  try {
    value = parseForeignJson(text)
  } catch (error) {
    if (!(error instanceof UnacceptableJson)) throw error
    const subject =
      error.path.length === 0 ? "The parameter 'claims'" : `The member '${excerpt(error.path.join('.'))}' of 'claims'`
    throw new OAuthError(
      'invalid_request',
      error.code === 'malformed' ? "The parameter 'claims' must be JSON." : `${subject} ${error.message}.`,
    )
  }
  if (!isObject(value)) throw new OAuthError('invalid_request', "The parameter 'claims' must be a JSON object.")
  return {
    userinfo: parseClaimRequests(value['userinfo'], 'userinfo'),
    idToken: parseClaimRequests(value['id_token'], 'id_token'),
  }
}

function parseClaimRequests(members: unknown, memberName: string): ReadonlyMap<string, ClaimRequest> {
  if (members === undefined || members === null) return new Map()
  if (!isObject(members))
    throw new OAuthError('invalid_request', `The member '${memberName}' of 'claims' must be an object.`)
  return new Map(Object.entries(members).map(([name, request]) => [name, parseClaimRequest(request, name)]))
}

function parseClaimRequest(request: unknown, name: string): ClaimRequest {
  if (request === null) return { essential: false, values: [] }
  if (!isObject(request)) {
    throw new OAuthError('invalid_request', `The value of '${excerpt(name)}' in 'claims' must be null or an object.`)
  }
  const { essential, value, values } = request
  if (essential !== undefined && typeof essential !== 'boolean') {
    throw new OAuthError(
      'invalid_request',
      `The member 'essential' of '${excerpt(name)}' in 'claims' must be true or false.`,
    )
  }
  if (values !== undefined && !Array.isArray(values)) {
    throw new OAuthError('invalid_request', `The member 'values' of '${excerpt(name)}' in 'claims' must be an array.`)
  }
  return { essential: essential === true, values: value === undefined ? (values ?? []) : [value] }
}
