import { z } from 'zod'
import { isWithinDepth } from '../../../lib/json.ts'
import {
  claimPlaces,
  claimShapes,
  claimSources,
  isOrganisationSource,
  shapesOfSource,
  type ClaimShape,
  type ClientClaim,
} from '../../../model/clients/client-claim.ts'
import { isAttributeName } from '../../../model/users/user-attribute.ts'
import { isReservedClaim } from '../../../oauth/reserved-claims.ts'
import * as field from './fields.ts'
import { withDefault } from './defaults.ts'
import { withFormGroup } from './group.ts'

export const MAX_CLIENT_CLAIMS = 20
const MAX_CONSTANT_BYTES = 1024
const MAX_CONSTANT_DEPTH = 4
export const DEFAULT_MAX_CLAIM_BYTES = 4096

const claimName = field.validatedString((name) => {
  if (!/^[A-Za-z][A-Za-z0-9_.:/-]{0,199}$/.test(name)) {
    return 'must be a name of 1 to 200 letters, digits and _ . : / -, beginning with a letter'
  }
  return isReservedClaim(name) ? 'is a claim of the protocol: choose another name' : undefined
})

const attributeName = field.validatedString((name) =>
  isAttributeName(name) ? undefined : 'must be the name of a user attribute',
)

const clientClaim: z.ZodType<ClientClaim> = z
  .strictObject(
    {
      source: field.oneOf(claimSources),
      name: claimName,
      in: field.listOf(field.oneOf(claimPlaces)).min(1, { error: 'must name at least one place' }),
      shape: field.oneOf(claimShapes).optional(),
      prefix: field.text(100).optional(),
      scope: field.scope.optional(),
      attribute: attributeName.optional(),
      value: z.unknown().optional(),
    },
    { error: ({ code }) => (code === 'unrecognized_keys' ? 'has unknown members' : 'must be an object') },
  )
  .superRefine((claim, context) => {
    for (const [member, message] of claimProblems(claim)) {
      context.addIssue({ code: 'custom', path: [member], message })
    }
  })

/** The problems of a claim whose members are valid by themselves, by member. */
function* claimProblems({
  source,
  shape,
  prefix,
  attribute,
  value,
}: ClientClaim): Generator<[keyof ClientClaim, string]> {
  const shapes: readonly ClaimShape[] = isOrganisationSource(source) ? shapesOfSource[source] : []
  if (shape !== undefined && !shapes.includes(shape)) {
    yield ['shape', shapes.length === 0 ? `is not for the source ${source}` : `must be one of ${shapes.join(', ')}`]
  }
  if (prefix !== undefined && (shapes.length === 0 || (shape ?? shapes[0]) === 'object')) {
    yield ['prefix', 'is for the shapes slug, name and path only']
  }
  if ((attribute !== undefined) !== (source === 'attribute')) {
    const isMissing = source === 'attribute'
    yield ['attribute', isMissing ? 'is required for the source attribute' : 'is for the source attribute only']
  }
  if ((value !== undefined) !== (source === 'constant')) {
    yield ['value', source === 'constant' ? 'is required for the source constant' : 'is for the source constant only']
  }
  if (value !== undefined && !isAcceptableConstant(value)) {
    yield ['value', `must have at most ${MAX_CONSTANT_BYTES} octets as JSON, nested at most ${MAX_CONSTANT_DEPTH} deep`]
  }
}

function isAcceptableConstant(value: unknown): boolean {
  return isWithinDepth(value, MAX_CONSTANT_DEPTH) && Buffer.byteLength(JSON.stringify(value)) <= MAX_CONSTANT_BYTES
}

/** The claims of a client, or of a protected resource. */
export const claimList = z
  .array(clientClaim, { error: 'must be a list of claims' })
  .max(MAX_CLIENT_CLAIMS, { error: `must have at most ${MAX_CLIENT_CLAIMS} entries` })
  .superRefine((list, context) => {
    list.forEach(({ name, in: places }, index) => {
      const before = list.slice(0, index).filter((other) => other.name === name)
      const taken = places.find((place) => before.some((other) => other.in.includes(place)))
      if (taken === undefined) return
      context.addIssue({ code: 'custom', path: [index, 'name'], message: `is there before for ${taken}` })
    })
  })

export const claims = withFormGroup('Claims', {
  claims: claimList.describe(
    'Claims about the user that it receives. Each has a source, a name and the places in; shape, prefix, scope, attribute and value are optional. An entry replaces the defaults of its source.',
  ),
  maxClaimBytes: withDefault(
    field
      .integer(256, 32_768)
      .describe(
        'Octets that the configured claims may add to a token; default 4096. Beyond it, the largest are left out and NAME_overflow is true; userinfo has them.',
      ),
    DEFAULT_MAX_CLAIM_BYTES,
  ),
})
