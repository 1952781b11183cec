import { z } from 'zod'
import {
  listUserConsents,
  listUserGrants,
  revokeUserConsent,
  revokeUserConsents,
  revokeUserGrant,
  revokeUserGrants,
  type UserAccessServices,
} from '../../../users/access/manage-access.ts'
import { adminOperation } from '../../operation.ts'
import { envelopeSchema, listEnvelope, pageQuerySchema, readPage } from '../../paging.ts'
import { USER_PATH, USERS_TAG, userParams } from '../user-path.ts'

const GRANTS_PATH = `${USER_PATH}/grants`
const CONSENTS_PATH = `${USER_PATH}/consents`

const client = z.object({ id: z.string(), clientId: z.string(), name: z.string() })
const grantSchema = z.object({
  id: z.string(),
  client,
  scopes: z.array(z.string()),
  offline: z.boolean().describe('Whether it stays active after the session in which it was given.'),
  sessionId: z.string().nullable(),
  createdAt: z.string(),
})
const consentSchema = z.object({
  client,
  scopes: z.array(z.string()),
  grantedAt: z.string().describe('ISO 8601. When the user last consented to a scope.'),
})

const reading = {
  method: 'GET',
  tag: USERS_TAG,
  withinTeams: true,
  permission: 'users:read',
  errors: [400, 404],
} as const
const ending = {
  method: 'DELETE',
  tag: USERS_TAG,
  withinTeams: true,
  permission: 'users:update',
  errors: [400, 404],
} as const
const revoked = z.null().describe('Revoked.')

export const listUserGrantsOperation = (services: UserAccessServices) =>
  adminOperation({
    ...reading,
    path: GRANTS_PATH,
    operationId: 'listUserGrants',
    summary: 'List the grants of a user',
    description: 'The active grants, the newest first. Each is what the user has granted a client.',
    schema: { params: userParams, querystring: pageQuerySchema, response: { 200: envelopeSchema(grantSchema) } },
    async handle({ context, request }) {
      const page = readPage(request.query)
      const { grants, total } = await listUserGrants(services, context, request.params.id, page)
      const data = grants.map((grant) => ({ ...grant, createdAt: grant.createdAt.toISOString() }))
      return listEnvelope(data, total, page)
    },
  })

export const revokeUserGrantOperation = (services: UserAccessServices) =>
  adminOperation({
    ...ending,
    path: `${GRANTS_PATH}/:grantId`,
    operationId: 'revokeUserGrant',
    summary: 'Revoke a grant of a user',
    description: 'All tokens of the grant stop working immediately.',
    schema: {
      params: userParams.extend({ grantId: z.uuid({ error: 'must be the id of a grant' }) }),
      response: { 204: revoked },
    },
    async handle({ context, request, reply }) {
      await revokeUserGrant(services, context, request.params.id, request.params.grantId)
      return reply.status(204).send(null)
    },
  })

export const revokeUserGrantsOperation = (services: UserAccessServices) =>
  adminOperation({
    ...ending,
    path: GRANTS_PATH,
    operationId: 'revokeUserGrants',
    summary: 'Revoke all grants of a user',
    description: 'Also those for offline access. The sessions stay.',
    schema: { params: userParams, response: { 200: z.object({ grants: z.int().describe('The number of grants.') }) } },
    handle: async ({ context, request }) => ({ grants: await revokeUserGrants(services, context, request.params.id) }),
  })

export const listUserConsentsOperation = (services: UserAccessServices) =>
  adminOperation({
    ...reading,
    path: CONSENTS_PATH,
    operationId: 'listUserConsents',
    summary: 'List the consents of a user',
    description: 'The newest first. The user is not asked again for these scopes.',
    schema: { params: userParams, querystring: pageQuerySchema, response: { 200: envelopeSchema(consentSchema) } },
    async handle({ context, request }) {
      const page = readPage(request.query)
      const { consents, total } = await listUserConsents(services, context, request.params.id, page)
      const data = consents.map((consent) => ({ ...consent, grantedAt: consent.grantedAt.toISOString() }))
      return listEnvelope(data, total, page)
    },
  })

export const revokeUserConsentOperation = (services: UserAccessServices) =>
  adminOperation({
    ...ending,
    path: `${CONSENTS_PATH}/:clientId`,
    operationId: 'revokeUserConsent',
    summary: 'Revoke the consent of a user to a client',
    description: 'By the id or the client_id of the client. The grants of the user to it are revoked, too.',
    schema: { params: userParams.extend({ clientId: z.string().max(2048) }), response: { 204: revoked } },
    async handle({ context, request, reply }) {
      await revokeUserConsent(services, context, request.params.id, request.params.clientId)
      return reply.status(204).send(null)
    },
  })

export const revokeUserConsentsOperation = (services: UserAccessServices) =>
  adminOperation({
    ...ending,
    path: CONSENTS_PATH,
    operationId: 'revokeUserConsents',
    summary: 'Revoke all consents of a user',
    description: 'The grants that depend on them are revoked, too. The user is asked for consent again.',
    schema: {
      params: userParams,
      response: { 200: z.object({ consents: z.int().describe('The number of consents.') }) },
    },
    handle: async ({ context, request }) => ({
      consents: await revokeUserConsents(services, context, request.params.id),
    }),
  })
