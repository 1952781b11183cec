import type { Clock } from '../../lib/time/clock.ts'
import { createSemaphore } from '../../lib/concurrency/semaphore.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import { allowedAuthMethods, usesClientSecretJwt } from '../../model/clients/authentication-methods.ts'
import type { Client } from '../../model/clients/client.ts'
import type { ClientRepository } from '../../model/clients/client-repository.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { parametersFromRecord, type Parameters } from '../../oauth/parameters.ts'
import { usesSecret } from '../authentication/methods/index.ts'
import { clientEvent } from '../management/client-event.ts'
import { validateSettings } from '../settings/validation.ts'
import { sectorProblem } from '../subject-identifier.ts'
import { checkAddresses } from './check-addresses.ts'
import { checkEncryption, checkKeys, type KeysCheckOptions } from './check-keys.ts'
import { failed, passed, skipped, type ClientCheck } from './client-check.ts'

export interface ClientTesterOptions extends KeysCheckOptions {
  clients: Pick<ClientRepository, 'listSecrets' | 'hasSigningSecret'>
  clock: Clock
  /** The HTTP status of the response at a URL; throws where there is no response. */
  probeUrl: (url: string) => Promise<number>
  /** Runs the checks that an authorization request goes through. */
  diagnoseRequest: (parameters: Parameters, sentBy: 'browser' | 'client') => Promise<ClientCheck[]>
  record: (event: AuditEvent) => Promise<void>
}

export interface ClientTestResult {
  passed: boolean
  checks: ClientCheck[]
  request: ClientCheck[]
}

const CHECK_TIMEOUT_MS = 15_000
/** Per process: each test sends requests to other servers. */
const TEST_CONCURRENCY = { maxConcurrency: 4, maxQueued: 16, queueTimeoutMs: 10_000 }
/** The challenge of RFC 7636 appendix B: nothing is issued for it. */
const SAMPLE_CODE_CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

/** Tests a client from end to end. Changes nothing; records an audit event. At most four tests run at once. */
export function createClientTester(options: ClientTesterOptions) {
  const { clients, clock, probeUrl, fetchText, diagnoseRequest, record } = options
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
    if (!usesSecret(client)) return passed({ ...subject, seen: 'no secret, and none is needed' })
    const activeSecrets = await clients.listSecrets(client, clock.now())
    const seen = `${activeSecrets.length} valid secrets`
    if (activeSecrets.length === 0) return failed({ ...subject, seen }, 'Add a secret: POST …/secrets.')
    if (usesClientSecretJwt(client) && !(await clients.hasSigningSecret(client, clock.now()))) {
      return failed({ ...subject, seen: `${seen}, none that verifies signatures` }, 'Add a secret: POST …/secrets.')
    }
    return passed({ ...subject, seen })
  }

  async function checkSector(client: Client): Promise<ClientCheck> {
    const subject = {
      name: 'sector',
      expected: 'a document that lists all redirect URIs, if sectorIdentifierUri is set',
    }
    if (client.sectorIdentifierUri === null) return skipped({ ...subject, seen: 'no sectorIdentifierUri' })
    const problem = await sectorProblem(client, fetchText)
    if (problem === undefined) return passed({ ...subject, seen: client.sectorIdentifierUri })
    return failed(
      { ...subject, seen: `${client.sectorIdentifierUri} ${problem}` },
      'Publish the list of all redirect URIs.',
    )
  }

  /** `parameters` are those of the authorization request to check; by default one that should succeed. */
  return (
    context: AdminContext,
    client: Client,
    parameters: Record<string, string> | undefined,
  ): Promise<ClientTestResult> =>
    semaphore(async () => {
      const requested = parameters ?? sampleAuthorizationRequest(client)
      const sent = requested && parametersFromRecord({ ...requested, client_id: client.clientId })
      const sentBy = parameters === undefined && client.requirePushedAuthorizationRequests ? 'client' : 'browser'
      const [checks, request] = await Promise.all([
        checksOf(client),
        sent ? withTimeout('request_object', diagnoseRequest(sent, sentBy)) : [],
      ])
      const failures = [...checks, ...request].filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)
      await record(clientEvent(options, context, 'client.tested', client, { failures }))
      return { passed: failures.length === 0, checks, request }
    })
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

/** A request that the client should be able to make; undefined where the server cannot make one up. */
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

/** The results of a check, or a failed one after the timeout. */
async function withTimeout(name: string, work: Promise<ClientCheck | ClientCheck[]>): Promise<ClientCheck[]> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<ClientCheck>((resolve) => {
    const subject = { name, expected: 'a response in time', seen: `none within ${CHECK_TIMEOUT_MS / 1000} seconds` }
    timer = setTimeout(() => resolve(failed(subject, 'Make the URLs of the client respond faster.')), CHECK_TIMEOUT_MS)
  })
  try {
    return [await Promise.race([work, timeout])].flat()
  } finally {
    clearTimeout(timer)
  }
}
