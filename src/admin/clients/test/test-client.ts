import type { Clock } from '../../../lib/clock.ts'
import { createSemaphore } from '../../../lib/semaphore.ts'
import { allowedAuthMethods, usesClientSecretJwt, type Client } from '../../../model/clients/client.ts'
import type { ClientRepository } from '../../../model/clients/client-repository.ts'
import type { AuditEvent } from '../../../model/audit/audit-event.ts'
import { parametersFromRecord, type Parameters } from '../../../oauth/parameters.ts'
import type { AdminRequestContext } from '../../context.ts'
import type { ClientAdministration } from '../client-administration.ts'
import { checkAddresses } from '../../../clients/diagnostics/check-addresses.ts'
import { failed, passed, skipped, type ClientCheck } from '../../../clients/diagnostics/client-check.ts'
import { checkEncryption, checkKeys, type KeysCheckOptions } from '../../../clients/diagnostics/check-keys.ts'
import { validateSettings } from '../../../clients/settings/validation.ts'
import { usesSecret } from '../../../clients/authentication/methods/index.ts'
import { sectorProblem } from '../../../clients/subject-identifier.ts'

export interface ClientTestOptions extends KeysCheckOptions {
  clients: Pick<ClientRepository, 'listSecrets' | 'hasSigningSecret'>
  clock: Clock
  /** The status of the answer at an address; throws where there is none. */
  probeUrl: (url: string) => Promise<number>
  /** The checks that an authorization request goes through. */
  explainRequest: (sent: Parameters, broughtBy: 'browser' | 'client') => Promise<ClientCheck[]>
  record: (event: AuditEvent) => Promise<void>
}

export interface ClientTestResult {
  passed: boolean
  checks: ClientCheck[]
  request: ClientCheck[]
}

const CHECK_TIMEOUT_MS = 15_000
/** Each has the server call others: so many at once in a process, and so many wait. */
const TEST_CONCURRENCY = { maxConcurrency: 4, maxQueued: 16, queueTimeoutMs: 10_000 }
/** The challenge of RFC 7636 appendix B: nothing is issued for it. */
const SAMPLE_CODE_CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

/** Looks at a client from end to end, without changing anything but the audit trail. */
export function createClientTester({
  administration,
  ...options
}: ClientTestOptions & { administration: Pick<ClientAdministration, 'get' | 'eventOf'> }) {
  const { clients, clock, probeUrl, fetchText, record } = options
  const semaphore = createSemaphore(TEST_CONCURRENCY)

  async function checksOf(client: Client): Promise<ClientCheck[]> {
    const found = await Promise.all([
      withTimeout('authentication', checkAuthentication(client)),
      withTimeout('keys', checkKeys(client, options)),
      withTimeout('encryption', checkEncryption(client, options)),
      withTimeout('sector', checkSector(client)),
      withTimeout('addresses', checkAddresses(client, probeUrl)),
    ])
    return [...checkSettings(client, clock.now()), ...found.flat()]
  }

  async function checkAuthentication(client: Client): Promise<ClientCheck> {
    const subject = { name: 'authentication', expected: `what ${allowedAuthMethods(client).join(' or ')} needs` }
    if (!usesSecret(client)) return passed({ ...subject, seen: 'no secret, and no need of one' })
    const live = await clients.listSecrets(client, clock.now())
    const seen = `${live.length} live secrets`
    if (live.length === 0) return failed({ ...subject, seen }, 'Add a secret: POST …/secrets.')
    if (usesClientSecretJwt(client) && !(await clients.hasSigningSecret(client, clock.now()))) {
      return failed({ ...subject, seen: `${seen}, none to sign with` }, 'Add a secret: POST …/secrets.')
    }
    return passed({ ...subject, seen })
  }

  async function checkSector(client: Client): Promise<ClientCheck> {
    const subject = {
      name: 'sector',
      expected: 'a document that lists all redirect URIs, where there is an address of one',
    }
    if (client.sectorIdentifierUri === null) return skipped({ ...subject, seen: 'no sectorIdentifierUri' })
    const problem = await sectorProblem(client, fetchText)
    if (problem === undefined) return passed({ ...subject, seen: client.sectorIdentifierUri })
    return failed(
      { ...subject, seen: `${client.sectorIdentifierUri} ${problem}` },
      'Publish the list of all redirect URIs.',
    )
  }

  return async (
    context: AdminRequestContext,
    reference: string,
    given: Record<string, string> | undefined,
  ): Promise<ClientTestResult> => {
    const client = await administration.get(context, reference)
    return semaphore(async () => {
      const parameters = given ?? sampleAuthorizationRequest(client)
      const sent = parameters && parametersFromRecord({ ...parameters, client_id: client.clientId })
      const broughtBy = given === undefined && client.requirePushedAuthorizationRequests ? 'client' : 'browser'
      const [checks, request] = await Promise.all([
        checksOf(client),
        sent ? withTimeout('request_object', options.explainRequest(sent, broughtBy)) : [],
      ])
      const allChecks = [...checks, ...request]
      const failures = allChecks.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)
      await record(administration.eventOf(context, 'client.tested', client.id, { clientId: client.clientId, failures }))
      return { passed: failures.length === 0, checks, request }
    })
  }
}

function checkSettings(client: Client, now: Date): ClientCheck[] {
  const { isActive, expiresAt } = client
  const active = { name: 'active', expected: 'a client that is active and has not expired' }
  const isExpired = expiresAt !== null && expiresAt <= now
  const seen = isExpired ? `expired at ${expiresAt.toISOString()}` : isActive ? 'active' : 'disabled'
  const settings = { name: 'settings', expected: 'settings that do not contradict one another or the profile' }
  const issues = validateSettings(client, new Set())
  return [
    isActive && !isExpired
      ? passed({ ...active, seen })
      : failed(
          { ...active, seen },
          isExpired ? 'Set a later expiresAt, with isActive: true.' : 'Enable it: POST …/enable.',
        ),
    ...(issues.length === 0 ? [passed({ ...settings, seen: 'none' })] : []),
    ...issues.map(({ path, message }) =>
      failed({ ...settings, seen: path.join('.') }, `${path.join('.')} ${message}.`),
    ),
  ]
}

/** A request that the client should be able to make; undefined where it makes none that can be invented. */
function sampleAuthorizationRequest(client: Client): Record<string, string> | undefined {
  const [type] = client.responseTypes
  const [redirectUri] = client.redirectUris
  if (type === undefined || redirectUri === undefined || client.requireSignedRequestObject) return undefined
  return {
    response_type: type,
    redirect_uri: redirectUri,
    scope: client.scopes.join(' '),
    state: 'state',
    nonce: 'nonce',
    ...(type.split(' ').includes('code') && { code_challenge: SAMPLE_CODE_CHALLENGE, code_challenge_method: 'S256' }),
  }
}

/** What is found within the time that a test has. */
async function withTimeout(name: string, work: Promise<ClientCheck | ClientCheck[]>): Promise<ClientCheck[]> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<ClientCheck>((resolve) => {
    const subject = { name, expected: 'an answer in time', seen: `none within ${CHECK_TIMEOUT_MS / 1000} seconds` }
    timer = setTimeout(() => resolve(failed(subject, 'Have what was asked answer sooner.')), CHECK_TIMEOUT_MS)
  })
  try {
    return [await Promise.race([work, timeout])].flat()
  } finally {
    clearTimeout(timer)
  }
}
