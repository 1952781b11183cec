import { createAuditEvent, internalRequestMetadata, type AuditEventType } from '../../audit/catalogue.ts'
import { fieldChanges } from '../../audit/field-changes.ts'
import { Conflict } from '../../lib/domain-error.ts'
import { addSeconds } from '../../lib/time/clock.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import type { DomainVerification, OrganisationDomain } from '../../model/domains/organisation-domain.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { TxtAnswer } from '../../safe-fetch/resolve-txt.ts'
import { domainEvent, findDomain, type DomainManagement } from './find-domain.ts'

const DAY_SECONDS = 86_400
/** A verified domain is checked again after this time. */
const CHECK_INTERVAL_SECONDS = DAY_SECONDS
/** How long the record may be absent before the verification is lost. */
const GRACE_SECONDS = 7 * DAY_SECONDS
const BATCH_SIZE = 20
const MAX_BATCHES = 1_000

/** The TXT record that proves control of a domain. */
export function verificationRecord({ domain, token }: Pick<OrganisationDomain, 'domain' | 'token'>) {
  return { name: `_cerberus-challenge.${domain}`, value: `cerberus-domain-verification=${token}` }
}

type DomainChecker = Pick<DomainManagement, 'domains' | 'resolveTxt' | 'clock'>

/** What a check finds: the record, or no such record; `unanswered`: no answer. */
type Finding = 'present' | 'absent' | 'unanswered'

async function lookUp({ resolveTxt }: Pick<DomainChecker, 'resolveTxt'>, domain: OrganisationDomain): Promise<Finding> {
  const { name, value } = verificationRecord(domain)
  const answer: TxtAnswer = await resolveTxt(name)
  if (answer.outcome === 'unanswered') return 'unanswered'
  return answer.records.some((record) => record.trim() === value) ? 'present' : 'absent'
}

/** A check that changes the verification, and the type of its event. */
interface VerificationChange extends DomainVerification {
  type: AuditEventType
}

/**
 * What a check changes; undefined: nothing. A record that is absent for seven days ends the verification, and a lookup
 * without an answer counts neither way.
 */
function changeBy(
  { verifiedAt, missingSince }: OrganisationDomain,
  finding: Finding,
  now: Date,
): VerificationChange | undefined {
  if (finding === 'unanswered') return undefined
  if (finding === 'present') {
    if (verifiedAt === null) return { type: 'domain.verified', verifiedAt: now, missingSince: null }
    return missingSince === null ? undefined : { type: 'domain.record_found', verifiedAt, missingSince: null }
  }
  if (verifiedAt === null) return undefined
  if (missingSince === null) return { type: 'domain.record_missing', verifiedAt, missingSince: now }
  return addSeconds(missingSince, GRACE_SECONDS) <= now
    ? { type: 'domain.lost', verifiedAt: null, missingSince: null }
    : undefined
}

const changesOf = (domain: OrganisationDomain, { verifiedAt, missingSince }: DomainVerification) =>
  fieldChanges(
    { verifiedAt: domain.verifiedAt?.toISOString() ?? null, missingSince: domain.missingSince?.toISOString() ?? null },
    { verifiedAt: verifiedAt?.toISOString() ?? null, missingSince: missingSince?.toISOString() ?? null },
  )

/**
 * Looks the record up now. Returns the domain as it is then. Throws `DomainNotFound`, and `Conflict` if the record of a domain
 * is not found, the DNS gives no answer, or another organisation has verified the domain.
 */
export async function verifyDomain(
  services: DomainManagement,
  context: AdminContext,
  id: string,
): Promise<OrganisationDomain> {
  const domain = await findDomain(services, context, id)
  const { name } = verificationRecord(domain)
  const finding = await lookUp(services, domain)
  const eventOf = (change: VerificationChange) =>
    domainEvent(services, context, change.type, domain, changesOf(domain, change))
  const outcome = await store(services, domain, finding, eventOf)
  if (outcome === 'taken') throw new Conflict('Another organisation has verified this domain.')
  if (finding === 'unanswered') throw new Conflict(`The DNS gave no answer for ${name}. Try again later.`)
  if (finding === 'absent') throw new Conflict(`There is no such TXT record at ${name}. A new record may take a while.`)
  return findDomain(services, context, id)
}

async function store(
  { domains, clock }: DomainChecker,
  domain: OrganisationDomain,
  finding: Finding,
  eventOf: (change: VerificationChange) => AuditEvent,
): Promise<'recorded' | 'stale' | 'taken'> {
  const now = clock.now()
  const change = changeBy(domain, finding, now)
  return domains.recordCheck(domain, change ?? domain, now, change && eventOf(change))
}

/** Checks the verified domains that were last checked more than a day ago. */
export async function recheckDomains(services: DomainChecker, now: Date): Promise<void> {
  const before = addSeconds(now, -CHECK_INTERVAL_SECONDS)
  for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
    const due = await services.domains.takeDue(now, before, BATCH_SIZE)
    await Promise.all(due.map((domain) => recheck(services, domain)))
    if (due.length < BATCH_SIZE) return
  }
}

async function recheck(services: DomainChecker, domain: OrganisationDomain): Promise<void> {
  const finding = await lookUp(services, domain)
  await store(services, domain, finding, (change) =>
    createAuditEvent(services.clock, change.type, {
      organisationId: domain.organisationId,
      requestMetadata: internalRequestMetadata,
      resource: { type: 'domain', id: domain.id },
      metadata: { domain: domain.domain },
      changes: changesOf(domain, change),
    }),
  )
}
