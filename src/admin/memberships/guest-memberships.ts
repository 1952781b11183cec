import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { membershipStates } from '../../model/users/membership.ts'
import type { GuestMember } from '../../model/users/guest-membership.ts'
import {
  findGuest,
  reactivateGuest,
  removeGuest,
  suspendGuest,
  type GuestManagement,
} from '../../users/memberships/manage-guests.ts'
import { adminOperation } from '../operation.ts'
import { envelopeSchema, listEnvelope, pageParameters, readPage, searchParameter } from '../paging.ts'

export const TAG = 'Users'
const MEMBERSHIPS_PATH = '/v1/admin/memberships'
export const MEMBERSHIP_PATH = `${MEMBERSHIPS_PATH}/:id`

export const params = z.object({ id: z.uuid({ error: 'must be the id of a user' }) })

const summary = z.object({ id: z.string(), name: z.string(), slug: z.string() })

const guestSchema = z.object({
  userId: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  homeOrganisation: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
  state: z.enum(membershipStates),
  source: z.string().describe('How the user joined: domain or invitation.'),
  suspendedReason: z.string().nullable(),
  roles: z.array(summary).describe('Those in the whole organisation that the user has by themselves.'),
  teams: z.array(summary),
  joinedAt: z.string().describe('ISO 8601.'),
})

const representGuest = ({ joinedAt, ...guest }: GuestMember): z.output<typeof guestSchema> => ({
  ...guest,
  joinedAt: joinedAt.toISOString(),
})

export const listGuestsOperation = ({ guestMemberships }: Pick<GuestManagement, 'guestMemberships'>) =>
  adminOperation({
    method: 'GET',
    path: MEMBERSHIPS_PATH,
    operationId: 'listGuestMemberships',
    tag: TAG,
    withinTeams: true,
    permission: 'users:read',
    summary: 'List members from other organisations',
    description: 'Those who joined last come first. Their accounts belong to their home organisations.',
    schema: {
      querystring: z.object({
        ...pageParameters,
        search: searchParameter.describe('Part of the e-mail address or a name. Case is ignored.'),
      }),
      response: { 200: envelopeSchema(guestSchema) },
    },
    errors: [400],
    async handle({ context: { organisationId, limitedToTeams }, request: { query } }) {
      const page = readPage(query)
      const search = query.search?.trim() || undefined
      const { guests, total } = await guestMemberships.listGuests({
        organisationId,
        ...page,
        search,
        teamIds: limitedToTeams,
      })
      return listEnvelope(guests.map(representGuest), total, page)
    },
  })

export const getGuestOperation = (services: Pick<GuestManagement, 'guestMemberships'>) =>
  adminOperation({
    method: 'GET',
    path: MEMBERSHIP_PATH,
    operationId: 'getGuestMembership',
    tag: TAG,
    withinTeams: true,
    permission: 'users:read',
    summary: 'Get a member from another organisation',
    schema: { params, response: { 200: guestSchema } },
    errors: [400, 404],
    async handle({ context, request }) {
      return representGuest(await findGuest(services, context, request.params.id))
    },
  })

const suspension = z.strictObject(
  { reason: field.text(500).nullable().default(null).describe('Shown to administrators only.') },
  { error: 'must be a JSON object with the member reason' },
)

export const suspendGuestOperation = (services: GuestManagement) =>
  adminOperation({
    method: 'POST',
    path: `${MEMBERSHIP_PATH}/suspend`,
    operationId: 'suspendGuestMembership',
    tag: TAG,
    withinTeams: true,
    permission: 'users:update',
    summary: 'Suspend a member from another organisation',
    description:
      'Sessions and everything issued in the organisation end at once, and the user cannot join again. You must hold every permission that the user has here.',
    schema: { params, body: suspension, response: { 200: guestSchema } },
    errors: [400, 404, 409],
    example: { reason: 'Left the company' },
    async handle({ context, request }) {
      return representGuest(await suspendGuest(services, context, request.params.id, request.body.reason))
    },
  })

export const reactivateGuestOperation = (services: GuestManagement) =>
  adminOperation({
    method: 'POST',
    path: `${MEMBERSHIP_PATH}/reactivate`,
    operationId: 'reactivateGuestMembership',
    tag: TAG,
    withinTeams: true,
    permission: 'users:update',
    summary: 'Make a suspended member from another organisation active again',
    schema: { params, response: { 200: guestSchema } },
    errors: [400, 404, 409],
    async handle({ context, request }) {
      return representGuest(await reactivateGuest(services, context, request.params.id))
    },
  })

export const removeGuestOperation = (services: GuestManagement) =>
  adminOperation({
    method: 'DELETE',
    path: MEMBERSHIP_PATH,
    operationId: 'removeGuestMembership',
    tag: TAG,
    permission: 'users:delete',
    summary: 'Remove a member from another organisation',
    description:
      'With roles and teams here; the account itself stays. While a domain of the organisation allows it, the user can join again: suspend the member to prevent that.',
    schema: { params, response: { 204: z.null().describe('Removed.') } },
    errors: [400, 404, 409],
    async handle({ context, request, reply }) {
      await removeGuest(services, context, request.params.id)
      return reply.status(204).send(null)
    },
  })
