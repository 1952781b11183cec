import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { MIN_PASSWORD_LENGTH, mfaMethods } from '../../model/organisations/organisation-settings.ts'
import { acrValues } from '../../oauth/acr.ts'
import { isPhoneNumber, PHONE_NUMBER_RULE, toE164 } from '../../users/phone-number.ts'

const MAX_SECONDS = 31_536_000

const phone = field
  .validatedString((number) => (isPhoneNumber(number) ? undefined : PHONE_NUMBER_RULE))
  .overwrite(toE164)

const color = field.validatedString((value) =>
  /^#[0-9a-f]{6}$/i.test(value) ? undefined : 'must be a color such as #1f6feb',
)

const maxAge = field.integer(60, MAX_SECONDS).nullable()

const authenticationPolicy = z
  .strictObject(
    {
      minimumAcr: field.oneOf(acrValues),
      pwdMaxAge: maxAge,
      mfaMaxAge: maxAge,
      phrMaxAge: maxAge,
      phrhMaxAge: maxAge,
    },
    { error: 'must be an object with the members minimumAcr, pwdMaxAge, mfaMaxAge, phrMaxAge, phrhMaxAge' },
  )
  .describe(
    'The weakest sign-in that clients get (acr), and the seconds after which the methods that reach a level must be proven again; null: never.',
  )

const passwordPolicy = z
  .strictObject(
    {
      minLength: field.integer(MIN_PASSWORD_LENGTH, 128),
      requireUppercase: field.boolean,
      requireLowercase: field.boolean,
      requireNumbers: field.boolean,
      requireSymbols: field.boolean,
    },
    {
      error:
        'must be an object with the members minLength, requireUppercase, requireLowercase, requireNumbers, requireSymbols',
    },
  )
  .describe('What new passwords must have. Stored passwords stay valid.')

const tokenLifetimePolicy = z
  .strictObject(
    {
      accessToken: field.integer(1, 86_400).nullable(),
      refreshToken: field.integer(1, MAX_SECONDS).nullable(),
      idToken: field.integer(1, 86_400).nullable(),
    },
    { error: 'must be an object with the members accessToken, refreshToken, idToken' },
  )
  .describe(
    'Seconds that tokens of clients without lifetimes of their own are valid; null: 3,600, 2,592,000 and 3,600. Binds new tokens.',
  )

const branding = z
  .strictObject(
    { logoUrl: field.secureUri.nullable(), primaryColor: color.nullable(), faviconUrl: field.secureUri.nullable() },
    { error: 'must be an object with the members logoUrl, primaryColor, faviconUrl' },
  )
  .describe('Stored for the hosted pages, which do not use it yet.')

const metadata = field.metadata.describe('Data of your own, which the server does not read.')

const storedOnly = 'Stored for your own tools: what a client may use is set at the client.'

/** The members that can be changed, as they are returned. */
export const organisationMembers = {
  name: field.displayName.max(100, { error: 'must have at most 100 characters' }),
  email: field.emailAddress.nullable().describe('The address of a contact.'),
  phone: phone.nullable().describe('With country code; stored in E.164 format.'),
  website: field.webUri.nullable(),
  allowedCallbackUrls: field.listOf(field.webUri).describe(storedOnly),
  allowedLogoutUrls: field.listOf(field.webUri).describe(storedOnly),
  allowedOrigins: field.listOf(field.webOrigin).describe(storedOnly),
  sessionLifetime: field
    .integer(60, MAX_SECONDS)
    .describe(
      'Seconds from sign-in to the end of a session; default SESSION_MAX_SEC of the server. Binds new sessions.',
    ),
  sessionIdleTimeout: field
    .integer(60, MAX_SECONDS)
    .describe('Seconds without a request after which a session ends; default SESSION_IDLE_SEC of the server.'),
  staySignedInLifetime: field
    .integer(60, MAX_SECONDS)
    .nullable()
    .describe(
      'Seconds from sign-in to the end of a session of a user who chose to stay signed in; it has no idle timeout. Null: the choice is not offered.',
    ),
  auditTokens: field.boolean.describe('Whether each issued token is recorded as an audit event.'),
  auditRetentionDays: field
    .integer(30, 3_650)
    .nullable()
    .describe('Days that audit events are kept at least; null: AUDIT_RETENTION_DAYS of the server.'),
  requireMfa: field.boolean.describe(
    'Whether every sign-in needs a second factor. Users without one set it up while they sign in. Sessions that exist stay.',
  ),
  offerPasskeys: field.boolean.describe(
    'Whether users without a passkey are offered one after a sign-in with their password on the page. They can go on without.',
  ),
  allowedMfaMethods: field
    .listOf(field.oneOf(mfaMethods))
    .min(1, { error: 'must contain at least one method' })
    .describe('The second factors that users may set up.'),
  authenticationPolicy,
  passwordPolicy,
  tokenLifetimePolicy,
  branding,
  metadata,
}

/** The members of an object, each of which may be missing or null. */
const partial = <Shape extends z.ZodRawShape>(object: z.ZodObject<Shape>) =>
  z
    .strictObject(
      Object.fromEntries(
        Object.entries(object.shape).map(([name, member]) => [name, (member as z.ZodType).nullable().optional()]),
      ),
      {
        error: field.memberError('has unknown members', 'must be an object'),
      },
    )
    .meta(object.meta() ?? {})

const removable = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().optional()

/** The body that changes an organisation. Null stands for the default. */
export const organisationChangeSchema = z.strictObject(
  {
    name: organisationMembers.name.optional(),
    email: organisationMembers.email.optional(),
    phone: organisationMembers.phone.optional(),
    website: organisationMembers.website.optional(),
    allowedCallbackUrls: removable(organisationMembers.allowedCallbackUrls),
    allowedLogoutUrls: removable(organisationMembers.allowedLogoutUrls),
    allowedOrigins: removable(organisationMembers.allowedOrigins),
    sessionLifetime: removable(organisationMembers.sessionLifetime),
    sessionIdleTimeout: removable(organisationMembers.sessionIdleTimeout),
    staySignedInLifetime: organisationMembers.staySignedInLifetime.optional(),
    auditTokens: removable(organisationMembers.auditTokens),
    auditRetentionDays: organisationMembers.auditRetentionDays.optional(),
    requireMfa: removable(organisationMembers.requireMfa),
    offerPasskeys: removable(organisationMembers.offerPasskeys),
    allowedMfaMethods: removable(organisationMembers.allowedMfaMethods),
    authenticationPolicy: removable(partial(authenticationPolicy)),
    passwordPolicy: removable(partial(passwordPolicy)),
    tokenLifetimePolicy: removable(partial(tokenLifetimePolicy)),
    branding: removable(partial(branding)),
    metadata: removable(metadata),
  },
  {
    error: field.memberError('has members that cannot be changed here'),
  },
)
