import { isDeepStrictEqual } from 'node:util'
import { createAuditEvent } from '../../audit/catalogue.ts'
import type { RateLimitCounters } from '../../http/rate-limit/rate-limit-counters.ts'
import { TooManyRequests } from '../../http/errors/request-errors.ts'
import { createAttemptRateLimiter } from '../../http/rate-limit/rate-limiters.ts'
import type { FetchedDocument } from '../../safe-fetch/metadata-document.ts'
import { addSeconds, type Clock } from '../../lib/time/clock.ts'
import type { NetworkAddress } from '../../lib/network-address.ts'
import { uuidv7 } from '../../lib/crypto/random.ts'
import { acceptsMetadataDocumentsFrom } from '../../model/clients/client-id-metadata-settings.ts'
import type {
  ClientMetadataDocumentRepository,
  MetadataDocumentFreshness,
} from '../../model/clients/client-metadata-document.ts'
import type { OrganisationRegistrationSettings } from '../../model/clients/registration-settings.ts'
import { isClientActive, type ClientCache, type RegisteredClient } from '../../model/clients/client-cache.ts'
import type { ClientSettings } from '../../model/clients/client.ts'
import { clientIdHost, clientIdUrlProblem, isClientIdUrl } from '../../oauth/client-id-url.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { settingsFromDocument, readCimdDocument, type CimdDocumentOptions } from './cimd-document.ts'
import { noTokenLifetimes } from '../../model/organisations/organisation-settings.ts'
import { withInheritedLifetimes } from '../settings/lifetimes.ts'

export interface CimdResolverOptions extends CimdDocumentOptions {
  clock: Clock
  clients: Pick<ClientCache, 'find'>
  clientMetadataDocuments: ClientMetadataDocumentRepository
  /** Fetches a metadata document; throws where there is no response. */
  fetchMetadataDocument: (url: string) => Promise<FetchedDocument>
  rateLimitCounters: RateLimitCounters
  /** The rate limit for unknown documents, by IP address. */
  limit: { max: number; window: number }
}

/** Why a metadata document gives no client. `description` is for its author, `reason` for the log. */
export interface CimdRejection {
  description: string
  reason?: string
}

/**
 * Registers or refreshes the client whose `client_id` is the URL of its metadata document. Does nothing for other ids.
 * Returns a rejection if the document cannot be fetched or is invalid. With `known`, a client whose document was read
 * within the last day is accepted although the document cannot be fetched now. Throws `TooManyRequests`.
 */
export type ResolveCimdClient = (
  clientId: string,
  address: NetworkAddress,
  freshness: 'fresh' | 'known',
) => Promise<CimdRejection | undefined>

/** How long a document is cached: the limits for its max-age, and the default without one. */
const MIN_CACHE_SECONDS = 60
const MAX_CACHE_SECONDS = 86_400
const DEFAULT_CACHE_SECONDS = 3_600
/** How long a document that could not be used is not fetched again. */
const NEGATIVE_CACHE_SECONDS = 10
/** Limits that keep attackers from using the server to send requests to other hosts. `window` in seconds. */
const MAX_CONCURRENT_FETCHES = 50
const HOST_RATE_LIMIT = { max: 30, window: 60 }
const MAX_CACHE_ENTRIES = 10_000

const HOST_NOT_ACCEPTED = {
  description: 'There is no client with this client_id, and metadata documents of its host are not accepted.',
}
const CLIENT_REMOVED = { description: 'An administrator has deleted the client with this client_id.' }

/** Client ID metadata documents (draft-ietf-oauth-client-id-metadata-document). Create one resolver per process. */
export function createCimdResolver(options: CimdResolverOptions): ResolveCimdClient {
  const { clock, clients, clientMetadataDocuments, fetchMetadataDocument, rateLimitCounters, limit } = options
  const perAddress = createAttemptRateLimiter({
    kind: 'metadata document',
    ...limit,
    rateLimitCounters,
    clock,
  })
  const perHost = createAttemptRateLimiter({
    kind: 'metadata document host',
    ...HOST_RATE_LIMIT,
    rateLimitCounters,
    clock,
  })
  const readings = new Map<string, MetadataDocumentFreshness>()
  const negativeCache = new Map<string, { expiresAt: Date; rejection: CimdRejection }>()
  const inFlight = new Map<string, Promise<CimdRejection | undefined>>()

  const isFresh = (id: string) => (readings.get(id)?.freshUntil ?? 0) > clock.now()

  async function hasFreshReading(client: RegisteredClient): Promise<boolean> {
    if (isFresh(client.id)) return true
    const reading = await clientMetadataDocuments.findFreshness(client)
    if (reading) cacheEntry(readings, client.id, reading)
    return isFresh(client.id)
  }

  const cachedRejection = (clientId: string): CimdRejection | undefined => {
    const entry = negativeCache.get(clientId)
    return entry && entry.expiresAt > clock.now() ? entry.rejection : undefined
  }

  async function fetchOnce(
    clientId: string,
    known: RegisteredClient | undefined,
    address: NetworkAddress,
  ): Promise<CimdRejection | undefined> {
    const rejected = cachedRejection(clientId)
    if (rejected) return rejected
    const location = await clientMetadataDocuments.findOwner(clientId, clientIdHost(clientId))
    if (location.kind === 'deleted') return CLIENT_REMOVED
    if (location.kind === 'none' || (known && known.organisationId !== location.settings.organisationId))
      return HOST_NOT_ACCEPTED
    if (!known && !inFlight.has(clientId)) {
      await perAddress.consume(address.network)
      await perHost.consume(clientIdHost(clientId))
    }
    // No await between these lookups and the entry below, so that one fetch runs per client_id. The fetch of another request
    // may be running, or may have failed since the first lookup.
    const outcome = inFlight.get(clientId) ?? cachedRejection(clientId)
    if (outcome) return outcome
    if (inFlight.size >= MAX_CONCURRENT_FETCHES) throw new TooManyRequests(1)
    const task = refresh(clientId, known, location.settings, address).finally(() => inFlight.delete(clientId))
    inFlight.set(clientId, task)
    return task
  }

  async function refresh(
    clientId: string,
    known: RegisteredClient | undefined,
    rules: OrganisationRegistrationSettings,
    address: NetworkAddress,
  ): Promise<CimdRejection | undefined> {
    // Another request may have fetched it in the meantime.
    if (known ? isFresh(known.id) : await clients.find(clientId)) return undefined
    const document = await fetchSettings(clientId, known ? { ...rules, profile: known.profile } : rules)
    const rejection =
      'rejection' in document ? document.rejection : await store(clientId, known, document, rules, address)
    if (rejection) {
      const expiresAt = addSeconds(clock.now(), NEGATIVE_CACHE_SECONDS)
      cacheEntry(negativeCache, clientId, { expiresAt, rejection })
    }
    return rejection
  }

  async function fetchSettings(
    clientId: string,
    rules: OrganisationRegistrationSettings,
  ): Promise<{ settings: ClientSettings; maxAge: number | undefined } | { rejection: CimdRejection }> {
    const reject = (what: string, reason?: string) => ({
      rejection: { description: `The metadata document at client_id ${what}`, ...(reason !== undefined && { reason }) },
    })
    let found: FetchedDocument
    try {
      found = await fetchMetadataDocument(clientId)
    } catch (error) {
      // The reason is logged only: it could reveal the network of the server.
      return reject('cannot be fetched.', error instanceof Error ? error.message : undefined)
    }
    if (found.kind === 'unusable') return reject(`${found.reason}.`)
    try {
      return { settings: await readCimdDocument(clientId, found.body, rules, options), maxAge: found.maxAge }
    } catch (error) {
      if (error instanceof OAuthError) return reject(`is invalid: ${error.description}`)
      throw error
    }
  }

  async function store(
    clientId: string,
    known: RegisteredClient | undefined,
    { settings, maxAge = DEFAULT_CACHE_SECONDS }: { settings: ClientSettings; maxAge: number | undefined },
    { organisationId }: { organisationId: string },
    address: NetworkAddress,
  ): Promise<CimdRejection | undefined> {
    const now = clock.now()
    const id = known?.id ?? uuidv7(now)
    const reading = {
      fetchedAt: now,
      freshUntil: addSeconds(now, Math.min(MAX_CACHE_SECONDS, Math.max(MIN_CACHE_SECONDS, maxAge))),
    }
    const event = (type: 'client.registered' | 'client.updated', more: object) =>
      createAuditEvent(clock, type, {
        organisationId,
        requestMetadata: { ipAddress: address.text, userAgent: undefined, requestId: '' },
        clientId: id,
        resource: { type: 'client', id },
        metadata: { clientId, by: 'metadata document', ...more },
      })
    if (known) {
      const documentSettings = Object.entries(settingsFromDocument(settings, known))
      const before: Readonly<Record<string, unknown>> = { ...known }
      const changed = documentSettings.filter(([name, value]) => !isDeepStrictEqual(value, before[name]))
      await clientMetadataDocuments.refresh(
        known,
        reading,
        changed.length === 0
          ? undefined
          : {
              settings: Object.fromEntries(changed),
              // Grants of a confidential client must not be usable without authentication.
              revokesGrants: known.clientType === 'confidential' && settings.clientType === 'public',
              event: event('client.updated', { fields: changed.map(([name]) => name) }),
            },
      )
    } else {
      const stored = withInheritedLifetimes(settings, settings.profile, noTokenLifetimes)
      const client = { ...stored, id, clientId, organisationId, createdAt: now, updatedAt: now }
      const outcome = await clientMetadataDocuments.register(client, reading, event('client.registered', {}))
      if (outcome === 'full') {
        return {
          description:
            'The organisation has reached its limit of clients with metadata documents. Ask an administrator.',
        }
      }
      if (outcome === 'exists') return undefined
    }
    cacheEntry(readings, id, reading)
    return undefined
  }

  return async (clientId, address, freshness) => {
    if (!isClientIdUrl(clientId)) return undefined
    const urlProblem = clientIdUrlProblem(clientId)
    if (urlProblem !== undefined) return { description: `client_id ${urlProblem}.` }
    const known = await clients.find(clientId)
    if (known && !acceptsMetadataDocumentsFrom(known.organisation, clientIdHost(clientId))) return HOST_NOT_ACCEPTED
    if (known && (!isClientActive(known, clock.now()) || (await hasFreshReading(known)))) return undefined
    const rejection = await fetchOnce(clientId, known, address)
    if (!rejection || freshness === 'fresh' || !known) return rejection
    const fetchedAt = readings.get(known.id)?.fetchedAt
    return fetchedAt && addSeconds(fetchedAt, MAX_CACHE_SECONDS) > clock.now() ? undefined : rejection
  }
}

/** Adds an entry and removes the oldest one from a full cache. */
function cacheEntry<Value>(cache: Map<string, Value>, key: string, value: Value): void {
  cache.delete(key)
  cache.set(key, value)
  const [oldest] = cache.keys()
  if (cache.size > MAX_CACHE_ENTRIES && oldest !== undefined) cache.delete(oldest)
}
