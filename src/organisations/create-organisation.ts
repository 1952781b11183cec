import { createAdminAuditEvent } from '../audit/admin-audit-event.ts'
import { fieldChanges } from '../audit/field-changes.ts'
import type { Clock } from '../lib/time/clock.ts'
import { InvalidInput } from '../lib/domain-error.ts'
import { randomAlphanumeric } from '../lib/crypto/random.ts'
import type { NewOrganisation } from '../model/organisations/bootstrap.ts'
import { defaultPasswordPolicy, type PasswordPolicy } from '../model/organisations/organisation-settings.ts'
import type { OrganisationRepository } from '../model/organisations/organisation-repository.ts'
import type { Organisation, OrganisationStatus } from '../model/organisations/organisation.ts'
import type { MailedCode } from '../model/recovery/account-recovery.ts'
import type { PresentedOnboardingToken } from '../model/organisations/onboarding-token.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import { fullName } from '../model/users/user.ts'
import { OwnerEmailTaken, SlugTaken } from './errors.ts'
import { generatePassword } from './generate-password.ts'
import { planOrganisation, type OrganisationPlan } from './new-organisation.ts'
import type { ChangedMembers, SessionLifetimes } from './organisation-change.ts'
import { findOrganisation, operatorEvent } from './update-organisation.ts'

/** How many slugs are tried, where the slug is made from the name. */
const MAX_SLUG_ATTEMPTS = 5
/** Leaves room for a suffix within the 63 characters of a slug. */
const MAX_GENERATED_SLUG_LENGTH = 50

export interface OrganisationCreation {
  organisations: Pick<OrganisationRepository, 'create' | 'find'>
  clock: Clock
  hashPassword: (password: string) => Promise<string>
  /** Why a password is not acceptable under a policy, as sentences. */
  policyIssues: (
    password: string,
    about: { email: string; name?: string | null },
    policy: PasswordPolicy,
  ) => readonly string[]
  sessionLifetimes: SessionLifetimes
}

export interface NewOwnerInput {
  email: string
  firstName: string | null
  lastName: string | null
  /** Undefined: a password is generated. */
  password: string | undefined
}

export interface NewOrganisationInput {
  members: ChangedMembers & { name: string }
  /** Undefined: made from the name. */
  slug: string | undefined
  status: OrganisationStatus
  owner: NewOwnerInput
}

/** `generatedPassword` is stored nowhere: the caller must show it. */
export interface CreatedOrganisation {
  organisation: Organisation
  owner: NewOrganisation['owner']
  generatedPassword: string | undefined
}

/**
 * Creates an organisation with its roles and its first owner, for an administrator of the operator's organisation. Throws
 * `InvalidInput` for a weak password, `SlugTaken` and `OwnerEmailTaken`.
 */
export async function createOrganisation(
  services: OrganisationCreation,
  context: AdminContext,
  input: NewOrganisationInput,
): Promise<CreatedOrganisation> {
  const { clock } = services
  const generatedPassword = input.owner.password === undefined ? generatePassword() : undefined
  const options = { generatedPassword, passwordPath: ['owner', 'password'] }
  const stored = await storeOrganisation(services, input, options, ({ organisation, owner }) => {
    const { id } = organisation
    const metadata = { slug: organisation.slug, ownerId: owner.id }
    const { name, ...members } = input.members
    const changes = fieldChanges(undefined, { name, slug: organisation.slug, status: input.status, ...members })
    return [
      operatorEvent(clock, 'organisation.created', id, metadata, changes),
      createAdminAuditEvent(context, clock, 'organisation.created', {
        resource: { type: 'organisation', id },
        metadata,
        changes,
      }),
    ]
  })
  if (typeof stored === 'string') throw new OwnerEmailTaken()
  const organisation = await findOrganisation(services, stored.organisation.id)
  return { organisation, owner: stored.owner, generatedPassword }
}

export interface StoreOptions {
  generatedPassword?: string | undefined
  /** The member that the password came in. */
  passwordPath: string[]
  /** Whether the address of the owner is known to be theirs; default true. */
  emailVerified?: boolean
  /** Asks the owner to confirm the address. Until then, the password does not work. */
  confirm?: (organisation: Omit<NewOrganisation, 'events'>) => MailedCode
  /** Consumed with the creation. */
  token?: PresentedOnboardingToken | undefined
}

/**
 * Stores a new organisation, under a slug that is free where it is made from the name. Throws `InvalidInput` for a weak
 * password, and `SlugTaken`.
 */
export async function storeOrganisation(
  { organisations, clock, hashPassword, policyIssues, sessionLifetimes }: OrganisationCreation,
  { members, slug, status, owner }: NewOrganisationInput,
  { generatedPassword, passwordPath, token, emailVerified = true, confirm }: StoreOptions,
  eventsOf: (organisation: Omit<NewOrganisation, 'events'>) => NewOrganisation['events'],
): Promise<NewOrganisation | 'email_taken' | 'token_invalid'> {
  const name = fullName(owner.firstName, owner.lastName)
  const password = owner.password ?? generatedPassword ?? ''
  if (owner.password !== undefined) {
    const issues = policyIssues(password, { email: owner.email, name }, members.passwordPolicy ?? defaultPasswordPolicy)
    if (issues.length > 0) throw weakPassword(issues, passwordPath)
  }
  const plan: Omit<OrganisationPlan, 'slug'> = {
    status,
    isOperator: false,
    members,
    owner: {
      email: owner.email,
      name: name ?? nameOfSlug(owner.email.split('@', 1)[0] ?? ''),
      givenName: owner.firstName,
      familyName: owner.lastName,
      passwordHash: await hashPassword(password),
    },
  }
  const base = slug ?? slugOfName(members.name)
  for (let attempt = 0; attempt < MAX_SLUG_ATTEMPTS; attempt += 1) {
    const tried = attempt === 0 ? base : `${base}-${randomAlphanumeric(4)}`
    const planned = planOrganisation({ ...plan, slug: tried }, sessionLifetimes, clock.now())
    const passwordHash = confirm ? null : planned.owner.passwordHash
    const organisation = {
      ...planned,
      owner: { ...planned.owner, emailVerified, passwordHash },
      confirmation: confirm?.(planned),
      events: eventsOf(planned),
    }
    const outcome = await organisations.create(organisation, token)
    if (outcome === 'created') return organisation
    if (outcome !== 'slug_taken') return outcome
    if (slug !== undefined) break
  }
  throw new SlugTaken()
}

function weakPassword(sentences: readonly string[], path: string[]): InvalidInput {
  return new InvalidInput(sentences.map((message) => ({ path, code: 'custom', message: toPredicate(message) })))
}

/** `The password must have …` → `must have …`, because issues begin with the path of the member. */
function toPredicate(sentence: string): string {
  return sentence.replace(/^The password /, '').replace(/\.$/, '')
}

/** `Acme & Söhne GmbH` → `acme-sohne-gmbh`. */
function slugOfName(name: string): string {
  const words =
    name
      .normalize('NFKD')
      .toLowerCase()
      .replaceAll(/\p{M}/gu, '')
      .match(/[a-z0-9]+/g) ?? []
  const slug = words.join('-').slice(0, MAX_GENERATED_SLUG_LENGTH).replace(/-$/, '')
  return slug || 'organisation'
}

/** `acme-corp` → `Acme Corp`. */
export function nameOfSlug(slug: string): string {
  return slug
    .split('-')
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
}
