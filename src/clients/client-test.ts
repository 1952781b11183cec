import type { Clock } from '../lib/clock.ts'
import { createGate } from '../lib/gate.ts'
import { methodsOf, signsWithSecret, type Client } from '../model/client.ts'
import type { ClientRepository } from '../model/client-repository.ts'
import type { SecurityEvent } from '../model/security-event.ts'
import { restoreParameters, type Parameters } from '../oauth/params.ts'
import type { Actor, ClientAdministration } from './administration.ts'
import { checkAddresses } from './client-addresses-check.ts'
import { failed, passed, skipped, type ClientCheck } from './client-check.ts'
import { checkEncryption, checkKeys, type KeysCheckOptions } from './client-keys-check.ts'
import { contradictions } from './contradictions.ts'
import { usesSecret } from './methods/index.ts'
import { sectorProblem } from './subject.ts'

export interface ClientTestOptions extends KeysCheckOptions {
  clients: Pick<ClientRepository, 'listSecrets' | 'hasSigningSecret'>
  clock: Clock
  /** The status of the answer at an address; throws where there is none. */
  reach: (url: string) => Promise<number>
  /** The checks that an authorization request goes through. */
  explainRequest: (sent: Parameters, broughtBy: 'browser' | 'client') => Promise<ClientCheck[]>
  record: (event: SecurityEvent) => Promise<void>
}

export interface ClientTest {
  passed: boolean
  checks: ClientCheck[]
  request: ClientCheck[]
}

const PATIENCE_MS = 15_000
/** Each has the server call others: so many at once in a process, and so many wait. */
const TESTS = { width: 4, queue: 16, patience: 10_000 }
/** The challenge of RFC 7636 appendix B: nothing is issued for it. */
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

/** Looks at a client from end to end, without changing anything but the audit trail. */
export function createClientTest({
  administration,
  ...options
}: ClientTestOptions & { administration: Pick<ClientAdministration, 'get' | 'eventOf'> }) {
  const { clients, clock, reach, fetchDocument, record } = options
  const gate = createGate(TESTS)

  async function checksOf(client: Client): Promise<ClientCheck[]> {
    const found = await Promise.all([
      inTime('authentication', checkAuthentication(client)),
      inTime('keys', checkKeys(client, options)),
      inTime('encryption', checkEncryption(client, options)),
      inTime('sector', checkSector(client)),
      inTime('addresses', checkAddresses(client, reach)),
    ])
    return [...checkSettings(client, clock.now()), ...found.flat()]
  }

  async function checkAuthentication(client: Client): Promise<ClientCheck> {
    const told = { name: 'authentication', expected: `what ${methodsOf(client).join(' or ')} needs` }
    if (!usesSecret(client)) return passed({ ...told, seen: 'no secret, and no need of one' })
    const live = await clients.listSecrets(client, clock.now())
    const seen = `${live.length} live secrets`
    if (live.length === 0) return failed({ ...told, seen }, 'Add a secret: POST …/secrets.')
    if (signsWithSecret(client) && !(await clients.hasSigningSecret(client, clock.now()))) {
      return failed({ ...told, seen: `${seen}, none to sign with` }, 'Add a secret: POST …/secrets.')
    }
    return passed({ ...told, seen })
  }

  async function checkSector(client: Client): Promise<ClientCheck> {
    const told = {
      name: 'sector',
      expected: 'a document that lists all redirect URIs, where there is an address of one',
    }
    if (client.sectorIdentifierUri === null) return skipped({ ...told, seen: 'no sectorIdentifierUri' })
    const problem = await sectorProblem(client, fetchDocument)
    if (problem === undefined) return passed({ ...told, seen: client.sectorIdentifierUri })
    return failed(
      { ...told, seen: `${client.sectorIdentifierUri} ${problem}` },
      'Publish the list of all redirect URIs.',
    )
  }

  return async (actor: Actor, reference: string, given: Record<string, string> | undefined): Promise<ClientTest> => {
    const client = await administration.get(actor, reference)
    return gate(async () => {
      const parameters = given ?? usualRequest(client)
      const sent = parameters && restoreParameters({ ...parameters, client_id: client.clientId })
      const broughtBy = given === undefined && client.requirePushedAuthorizationRequests ? 'client' : 'browser'
      const [checks, request] = await Promise.all([
        checksOf(client),
        sent ? inTime('request_object', options.explainRequest(sent, broughtBy)) : [],
      ])
      const all = [...checks, ...request]
      const failures = all.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)
      await record(administration.eventOf(actor, 'client.tested', client.id, { clientId: client.clientId, failures }))
      return { passed: failures.length === 0, checks, request }
    })
  }
}

function checkSettings(client: Client, now: Date): ClientCheck[] {
  const { isActive, expiresAt } = client
  const active = { name: 'active', expected: 'a client that is active and has not expired' }
  const ended = expiresAt !== null && expiresAt <= now
  const seen = ended ? `expired at ${expiresAt.toISOString()}` : isActive ? 'active' : 'disabled'
  const settings = { name: 'settings', expected: 'settings that do not contradict one another or the profile' }
  const issues = contradictions(client, new Set())
  return [
    isActive && !ended
      ? passed({ ...active, seen })
      : failed(
          { ...active, seen },
          ended ? 'Set a later expiresAt, with isActive: true.' : 'Enable it: POST …/enable.',
        ),
    ...(issues.length === 0 ? [passed({ ...settings, seen: 'none' })] : []),
    ...issues.map(({ path, message }) =>
      failed({ ...settings, seen: path.join('.') }, `${path.join('.')} ${message}.`),
    ),
  ]
}

/** A request that the client should be able to make; undefined where it makes none that can be invented. */
function usualRequest(client: Client): Record<string, string> | undefined {
  const [type] = client.responseTypes
  const [redirectUri] = client.redirectUris
  if (type === undefined || redirectUri === undefined || client.requireSignedRequestObject) return undefined
  return {
    response_type: type,
    redirect_uri: redirectUri,
    scope: client.scopes.join(' '),
    state: 'state',
    nonce: 'nonce',
    ...(type.split(' ').includes('code') && { code_challenge: CHALLENGE, code_challenge_method: 'S256' }),
  }
}

/** What is found within the time that a test has. */
async function inTime(name: string, work: Promise<ClientCheck | ClientCheck[]>): Promise<ClientCheck[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<ClientCheck>((resolve) => {
    const told = { name, expected: 'an answer in time', seen: `none within ${PATIENCE_MS / 1000} seconds` }
    timer = setTimeout(() => resolve(failed(told, 'Have what was asked answer sooner.')), PATIENCE_MS)
  })
  try {
    return [await Promise.race([work, late])].flat()
  } finally {
    clearTimeout(timer)
  }
}
