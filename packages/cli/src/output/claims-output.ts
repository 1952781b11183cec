import type { ClaimReason, ClaimsPreview, PlacePreview } from 'cerberus-idp-admin-client'

/** A claim of a preview as a row. */
export interface ClaimRow {
  place: string
  claim: string
  value: unknown
  why: string
}

/** The claims of all places, with the reason of each. */
export function claimRows({ idToken, accessToken, userinfo, introspection }: ClaimsPreview): ClaimRow[] {
  const places: [string, PlacePreview | null][] = [
    ['ID token', idToken],
    ['access token', accessToken],
    ['userinfo', userinfo],
    ['introspection', introspection],
  ]
  return places.flatMap(([place, preview]) => {
    const reasonOf = (claim: string) =>
      preview?.reasons.findLast((reason) => (reason.overflows ? `${reason.claim}_overflow` : reason.claim) === claim)
    return Object.entries(preview?.claims ?? {}).map(([claim, value]) => ({
      place,
      claim,
      value,
      why: describeReason(reasonOf(claim)),
    }))
  })
}

function describeReason(reason: ClaimReason | undefined): string {
  if (!reason) return 'protocol'
  const { rule, scope, overflows, assignments } = reason
  const source = typeof reason.attribute !== 'string' ? reason.source : `${reason.source} ${reason.attribute}`
  const rules = {
    client: `claims of the client, source ${source}${scope === null ? '' : `, scope ${scope}`}`,
    first_party: 'first-party client',
    scope: `scope ${scope}`,
  }
  const roles = assignments.map(({ role, team, within, expiresAt }) =>
    [
      `role ${role.slug}`,
      ...(team ? [`through team ${team.slug}`] : []),
      ...(within ? [`within team ${within.slug}`] : []),
      ...(expiresAt === null ? [] : [`until ${expiresAt}`]),
    ].join(' '),
  )
  const size = overflows ? ['too large, so only userinfo has it'] : []
  return [Object.hasOwn(rules, rule) ? rules[rule as keyof typeof rules] : rule, ...size, ...roles].join('; ')
}
