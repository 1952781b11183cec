// `account/me/memberships` owns what users do with their memberships in other organisations than their home.

import { z } from 'zod'
import { Conflict, NotFound } from '../../../lib/domain-error.ts'
import { requestMetadata } from '../../../http/request/request-metadata.ts'
import type { Clock } from '../../../lib/time/clock.ts'
import { createAuditEvent } from '../../../audit/catalogue.ts'
import { membershipStates } from '../../../model/users/membership.ts'
import type { GuestMembershipRepository } from '../../../model/users/guest-membership.ts'
import { accountOperation } from '../access.ts'

export interface MembershipServices {
  guestMemberships: Pick<GuestMembershipRepository, 'listForUser' | 'join' | 'leave'>
  clock: Clock
  onSessionsEnded: () => void
}

const MEMBERSHIPS_PATH = '/v1/me/memberships'

const organisation = z.object({ id: z.string(), slug: z.string(), name: z.string() })
const organisationId = z.uuid({ error: 'must be the id of an organisation' })

const membershipsSchema = z.object({
  data: z.array(
    z.object({
      organisation,
      isHome: z.boolean().describe('Whether the account belongs to this organisation.'),
      state: z.enum(membershipStates),
      source: z.string().describe('How you joined: domain or invitation, or local for the home organisation.'),
      joinedAt: z.string().describe('ISO 8601.'),
    }),
  ),
  suggestions: z
    .array(z.object({ organisation, domain: z.string() }))
    .describe('Organisations that you may join, because they have verified the domain of your e-mail address.'),
})

/** `/v1/me/memberships`: the organisations of the caller. */
export const membershipOperations = ({ guestMemberships, clock, onSessionsEnded }: MembershipServices) => [
  accountOperation({
    method: 'GET',
    path: MEMBERSHIPS_PATH,
    operationId: 'listMemberships',
    firstPartyOnly: true,
    summary: 'List your organisations',
    description: 'The home organisation comes first.',
    schema: { response: { 200: membershipsSchema } },
    errorStatuses: [401, 403],
    async handle({ context: { userId } }) {
      const { memberships, suggestions } = await guestMemberships.listForUser(userId)
      const data = memberships.map(({ joinedAt, ...membership }) => ({
        ...membership,
        joinedAt: joinedAt.toISOString(),
      }))
      return { data, suggestions }
    },
  }),
  accountOperation({
    method: 'POST',
    path: MEMBERSHIPS_PATH,
    operationId: 'joinOrganisation',
    firstPartyOnly: true,
    sessionOnly: true,
    summary: 'Join an organisation',
    description: 'One of the suggestions. Its administrators see your e-mail address and your name then.',
    schema: {
      body: z.strictObject({ organisationId }, { error: 'must be a JSON object with the member organisationId' }),
      response: { 201: z.object({ message: z.string() }) },
    },
    errorStatuses: [401, 403, 404],
    example: { organisationId: '0193a1c2-7b5e-7000-8000-000000000001' },
    async handle({ context: { userId }, request, reply }) {
      const facts = { occurredAt: clock.now(), requestMetadata: requestMetadata(request) }
      const outcome = await guestMemberships.join({ userId, organisationId: request.body.organisationId }, facts)
      if (outcome === 'unavailable') throw new NotFound('There is no such organisation that you may join.')
      return reply.status(201).send({ message: 'You are a member now.' })
    },
  }),
  accountOperation({
    method: 'DELETE',
    path: `${MEMBERSHIPS_PATH}/:organisationId`,
    operationId: 'leaveOrganisation',
    firstPartyOnly: true,
    sessionOnly: true,
    summary: 'Leave an organisation',
    description: 'Not the home organisation. Your sessions there and everything issued to you there end.',
    schema: { params: z.object({ organisationId }), response: { 204: z.null().describe('Left.') } },
    errorStatuses: [401, 403, 404, 409],
    async handle({ context: { userId }, request, reply }) {
      const membership = { userId, organisationId: request.params.organisationId.toLowerCase() }
      const event = createAuditEvent(clock, 'membership.ended', {
        ...membership,
        requestMetadata: requestMetadata(request),
        resource: { type: 'user', id: userId },
        changes: [{ field: 'membership', from: 'active' }],
      })
      const outcome = await guestMemberships.leave(membership, event)
      if (outcome === 'not_found')
        throw new NotFound('You are no active member of this organisation, or it is your home.')
      if (outcome === 'last_owner') throw new Conflict('You are the last owner of this organisation.')
      if (outcome.sessions > 0) onSessionsEnded()
      return reply.status(204).send(null)
    },
  }),
]
