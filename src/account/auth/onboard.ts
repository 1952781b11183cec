import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { noSecurity } from '../../http/json-api/operation.ts'
import type { AttemptRateLimiter } from '../../http/rate-limit/rate-limiters.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import type { NewOrganisation } from '../../model/organisations/bootstrap.ts'
import type { Role, RoleRepository } from '../../model/permissions/role.ts'
import { onboard, type Onboarding } from '../../organisations/onboard.ts'
import { findOrganisation } from '../../organisations/update-organisation.ts'
import { isEmailAddress } from '../../lib/text/email-address.ts'
import { authOperation } from './access.ts'
import { signInNewUser, type NewUserSignIn } from './sign-in-new-user.ts'

export interface OnboardServices extends NewUserSignIn {
  onboarding: Onboarding
  /** By network. */
  onboardingAttempts: AttemptRateLimiter
  roles: Pick<RoleRepository, 'list'>
}

const name = field.displayName.max(100, { error: 'must have at most 100 characters' })

const onboardingSchema = z.strictObject(
  {
    organisationName: name,
    firstName: name,
    lastName: name,
    email: field.validatedString((email) => (isEmailAddress(email) ? undefined : 'must be an e-mail address')),
    password: field.text(1024),
    metadata: field.metadata.optional(),
    token: z
      .string({ error: 'must be a string' })
      .max(200, { error: 'must have at most 200 characters' })
      .optional()
      .describe('An onboarding token. Required where the policy is invitation.'),
  },
  {
    error: field.memberError('has unknown members'),
  },
)

const seconds = z.int().nullable()
const configsSchema = z.object({
  allowedCallbackUrls: z.array(z.string()),
  allowedLogoutUrls: z.array(z.string()),
  allowedOrigins: z.array(z.string()),
  allowedMfaMethods: z.array(z.string()),
  sessionLifetime: z.int(),
  sessionIdleTimeout: z.int(),
  staySignedInLifetime: seconds,
  requireMfa: z.boolean(),
  passwordPolicy: z.object({
    minLength: z.int(),
    requireUppercase: z.boolean(),
    requireLowercase: z.boolean(),
    requireNumbers: z.boolean(),
    requireSymbols: z.boolean(),
  }),
  tokenLifetimePolicy: z.object({ accessToken: seconds, refreshToken: seconds, idToken: seconds }),
  branding: z.object({
    logoUrl: z.string().nullable(),
    primaryColor: z.string().nullable(),
    faviconUrl: z.string().nullable(),
  }),
  metadata: z.record(z.string(), z.unknown()),
})

const onboardedSchema = z.object({
  message: z.string(),
  organisation: z.object({ id: z.string(), slug: z.string(), name: z.string(), configs: configsSchema }),
  user: z.object({ id: z.string(), email: z.string(), name: z.string() }),
  roles: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      slug: z.string(),
      description: z.string().nullable(),
      isDefault: z.boolean(),
      createdAt: z.string(),
      updatedAt: z.string(),
      permissions: z.array(z.object({ id: z.string(), slug: z.string(), name: z.string() })),
      _count: z.object({ users: z.int() }),
    }),
  ),
  invitationDefaults: z.object({ roleId: z.string().nullable(), expiresInHours: z.int(), maxUses: z.int() }),
})

export const onboardOperation = (services: OnboardServices) =>
  authOperation({
    method: 'POST',
    path: '/v1/auth/onboard',
    operationId: 'onboard',
    security: noSecurity,
    summary: 'Create an organisation by sign-up',
    description:
      'As the setting ONBOARDING of the server allows. With a valid onboarding token, the owner is signed in: the response sets the session cookie. Without a token (policy open), the response is 202, whether or not the e-mail address has an account; if it had none, the organisation exists, and its owner can sign in, after confirming the address where the server sends mail.',
    schema: {
      body: onboardingSchema,
      response: {
        201: onboardedSchema,
        202: z
          .object({ message: z.string() })
          .describe('Without a token. Does not disclose whether the address was free.'),
      },
    },
    errorStatuses: [400, 403, 409],
    example: {
      organisationName: 'Acme Research',
      firstName: 'Ada',
      lastName: 'Lovelace',
      email: 'ada@research.example',
      password: 'YOUR-PASSWORD',
      token: 'ONBOARDING-TOKEN',
    },
    async handle({ request, reply }) {
      await services.onboardingAttempts.consume(request.clientAddress.network)
      const { organisationName, metadata, token, ...owner } = request.body
      const onboarded = await onboard(services.onboarding, {
        organisationName,
        metadata,
        owner,
        token,
        acceptLanguage: request.headers['accept-language'],
        requestMetadata: requestMetadata(request),
      })
      if (onboarded === 'accepted') {
        const message = services.onboarding.confirmation
          ? 'The address gets a mail. Confirm it by the link in it, then you can sign in.'
          : 'If the e-mail address was free, you can sign in with it now.'
        return reply.status(202).send({ message })
      }
      await signInNewUser(services, onboarded.owner.emailKey, request, reply)
      return reply.status(201).send(await represent(services, onboarded))
    },
  })

async function represent(
  { onboarding, roles, clock }: OnboardServices,
  { organisation, owner }: NewOrganisation,
): Promise<z.output<typeof onboardedSchema>> {
  const configs = await findOrganisation(onboarding, organisation.id)
  const sort = { by: 'createdAt', descending: false } as const
  const page = { limit: 100, offset: 0, search: undefined, sort, now: clock.now() }
  const { roles: found } = await roles.list({ organisationId: organisation.id, ...page })
  return {
    message: 'The organisation is created, and you are signed in.',
    organisation: {
      id: organisation.id,
      slug: organisation.slug,
      name: configs.name,
      configs: {
        ...configs,
        allowedCallbackUrls: [...configs.allowedCallbackUrls],
        allowedLogoutUrls: [...configs.allowedLogoutUrls],
        allowedOrigins: [...configs.allowedOrigins],
        allowedMfaMethods: [...configs.allowedMfaMethods],
      },
    },
    user: { id: owner.id, email: owner.email, name: owner.name },
    roles: found.map(representRole),
    invitationDefaults: {
      roleId: found.find(({ isDefault }) => isDefault)?.id ?? null,
      expiresInHours: 168,
      maxUses: 1,
    },
  }
}

function representRole({ id, name: roleName, slug, description, isDefault, ...role }: Role) {
  return {
    id,
    name: roleName,
    slug,
    description,
    isDefault,
    createdAt: role.createdAt.toISOString(),
    updatedAt: role.updatedAt.toISOString(),
    permissions: role.permissions.map((permission) => ({
      id: permission.id,
      slug: permission.slug,
      name: permission.name,
    })),
    _count: { users: role.userCount },
  }
}
