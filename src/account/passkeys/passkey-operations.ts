import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { providerOf } from '../../authentication/factors/passkey/providers.ts'
import {
  createRegistrationOptions,
  registerPasskey,
  removePasskey,
  renamePasskey,
  type PasskeyManagement,
  type PasskeyOwner,
} from '../../authentication/passkeys/manage-passkeys.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import type { Passkey } from '../../model/passkeys/passkey.ts'
import type { UserRepository } from '../../model/users/user.ts'
import { accountOperation, sessionOf, type AccountOperation } from '../me/access.ts'
import type { AccountCaller } from '../me/caller.ts'
import { accountOf, requireProfile } from '../me/profile.ts'
import { passkeyName, registrationExample, registrationSchema } from './credentials.ts'

export type PasskeyOperationServices = PasskeyManagement & { users: Pick<UserRepository, 'findProfile'> }

const PASSKEYS_PATH = '/v1/me/passkeys'
const PASSKEY_PATH = `${PASSKEYS_PATH}/:id`
const own = { firstPartyOnly: true, sessionOnly: true } as const

/** A passkey as its user and administrators see it. */
export const passkeySchema = z.object({
  id: z.string(),
  name: z.string(),
  provider: z.string().nullable().describe('What keeps the passkey, as its AAGUID says. For display only.'),
  aaguid: z.string(),
  transports: z.array(z.string()),
  synced: z.boolean().describe('Whether it can be copied to other devices. Otherwise it is bound to one.'),
  backedUp: z.boolean().describe('Whether it has been copied.'),
  createdAt: z.string(),
  lastUsedAt: z.string().nullable(),
})

export function representPasskey(passkey: Passkey): z.output<typeof passkeySchema> {
  const { id, name, aaguid, transports, backupEligible, backedUp, createdAt, lastUsedAt } = passkey
  return {
    id,
    name,
    provider: providerOf(aaguid) ?? null,
    aaguid,
    transports,
    synced: backupEligible,
    backedUp,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  }
}

async function ownerOf(
  { users, clock }: PasskeyOperationServices,
  caller: AccountCaller,
  request: FastifyRequest,
): Promise<PasskeyOwner> {
  const { user, organisation } = requireProfile(await users.findProfile(accountOf(caller), clock.now()))
  return { user, organisation, sessionId: sessionOf(caller), requestMetadata: requestMetadata(request) }
}

const params = z.object({ id: z.uuid({ error: 'must be the id of a passkey' }) })
const credentialDescriptor = z.object({
  type: z.literal('public-key'),
  id: z.string(),
  transports: z.array(z.string()),
})

const creationOptionsSchema = z
  .object({
    rp: z.object({ id: z.string(), name: z.string() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    challenge: z.string(),
    pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.int() })),
    timeout: z.int(),
    excludeCredentials: z.array(credentialDescriptor),
    authenticatorSelection: z.object({
      residentKey: z.literal('required'),
      requireResidentKey: z.boolean(),
      userVerification: z.literal('required'),
    }),
    attestation: z.literal('none'),
  })
  .describe('For PublicKeyCredential.parseCreationOptionsFromJSON().')

const listPasskeysOperation = (services: PasskeyOperationServices) =>
  accountOperation({
    ...own,
    method: 'GET',
    path: PASSKEYS_PATH,
    operationId: 'listPasskeys',
    summary: 'List your passkeys',
    schema: { response: { 200: z.object({ data: z.array(passkeySchema) }) } },
    errorStatuses: [401, 403],
    async handle({ context: caller, request }) {
      const { user } = await ownerOf(services, caller, request)
      return { data: (await services.passkeys.list(user)).map(representPasskey) }
    },
  })

const createPasskeyOptionsOperation = (services: PasskeyOperationServices) =>
  accountOperation({
    ...own,
    recentSignIn: true,
    method: 'POST',
    path: `${PASSKEYS_PATH}/options`,
    operationId: 'createPasskeyOptions',
    summary: 'Start adding a passkey',
    description:
      'Returns the options for navigator.credentials.create() in this session. They are valid for half an hour. Needs a sign-in within the last ten minutes.',
    schema: { response: { 200: creationOptionsSchema } },
    errorStatuses: [401, 403, 409],
    handle: async ({ context: caller, request }) =>
      createRegistrationOptions(services, await ownerOf(services, caller, request)),
  })

const addPasskeyOperation = (services: PasskeyOperationServices) =>
  accountOperation({
    ...own,
    recentSignIn: true,
    method: 'POST',
    path: PASSKEYS_PATH,
    operationId: 'addPasskey',
    summary: 'Add a passkey',
    description:
      'Takes what the browser returned for the options. The name is that of the provider, unless you send one. Needs a sign-in within the last ten minutes.',
    schema: {
      body: z.strictObject(
        {
          name: passkeyName.optional(),
          credential: registrationSchema.describe('PublicKeyCredential.toJSON() of the new passkey.'),
        },
        { error: 'must be a JSON object with the member credential' },
      ),
      response: { 201: passkeySchema },
    },
    errorStatuses: [400, 401, 403, 409],
    example: { name: 'My phone', credential: registrationExample },
    async handle({ context: caller, request, reply }) {
      const { credential, name } = request.body
      const passkey = await registerPasskey(services, await ownerOf(services, caller, request), credential, name)
      return reply.status(201).send(representPasskey(passkey))
    },
  })

const renamePasskeyOperation = (services: PasskeyOperationServices) =>
  accountOperation({
    ...own,
    method: 'PATCH',
    path: PASSKEY_PATH,
    operationId: 'renamePasskey',
    summary: 'Rename a passkey',
    schema: {
      params,
      body: z.strictObject({ name: passkeyName }, { error: 'must be a JSON object with the member name' }),
      response: { 200: passkeySchema },
    },
    errorStatuses: [400, 401, 403, 404],
    example: { name: 'My phone' },
    async handle({ context: caller, request }) {
      const owner = await ownerOf(services, caller, request)
      return representPasskey(await renamePasskey(services, owner, request.params.id, request.body.name))
    },
  })

const removePasskeyOperation = (services: PasskeyOperationServices) =>
  accountOperation({
    ...own,
    recentSignIn: true,
    method: 'DELETE',
    path: PASSKEY_PATH,
    operationId: 'removePasskey',
    summary: 'Remove a passkey',
    description:
      'Your last way to sign in cannot be removed. Needs a sign-in within the last ten minutes. Your device keeps its part, which does not sign in any more.',
    schema: { params, response: { 204: z.null().describe('Removed.') } },
    errorStatuses: [400, 401, 403, 404, 409],
    async handle({ context: caller, request, reply }) {
      await removePasskey(services, await ownerOf(services, caller, request), request.params.id)
      return reply.status(204).send(null)
    },
  })

/** `/v1/me/passkeys`. */
export const passkeyOperations = (services: PasskeyOperationServices): AccountOperation[] => [
  listPasskeysOperation(services),
  createPasskeyOptionsOperation(services),
  addPasskeyOperation(services),
  renamePasskeyOperation(services),
  removePasskeyOperation(services),
]
