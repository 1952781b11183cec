import { isDeepStrictEqual } from 'node:util'
import { createAuditEvent } from '../../audit/catalogue.ts'
import type { RateLimitCounters } from '../../http/rate-limit/rate-limit-counters.ts'
import { TooManyRequests } from '../../http/errors/request-errors.ts'
import { createAttemptRateLimiter } from '../../http/rate-limit/rate-limiters.ts'
import type { FetchedDocument } from '../../safe-fetch/metadata-document.ts'
import { addSeconds } from '../../lib/clock.ts'
import { uuidv7 } from '../../lib/random.ts'
import {
  acceptsMetadataDocumentsFrom,
  type ClientMetadataDocumentRepository,
  type OrganisationRegistrationSettings,
  type MetadataDocumentFreshness,
} from '../../model/clients/client-metadata-document.ts'
import {
  isClientActive,
  type ClientCache,
  type ClientSettings,
  type RegisteredClient,
} from '../../model/clients/client.ts'
import { clientIdHost, clientIdUrlProblem, isClientIdUrl } from '../../oauth/client-id-url.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { settingsFromDocument, readCimdDocument, type CimdDocumentOptions } from './cimd-document.ts'

export interface CimdResolverOptions extends CimdDocumentOptions {
  clients: Pick<ClientCache, 'find'>
  clientMetadataDocuments: ClientMetadataDocumentRepository
  /** What is at the address of a metadata document; throws where there is no answer. */
  fetchMetadataDocument: (url: string) => Promise<FetchedDocument>
  rateLimitCounters: RateLimitCounters
  /** How many unknown documents an address may have fetched. */
  limit: { max: number; window: number }
}

/** Why there is no such client: for whoever wrote its document, and for the log. */
export interface CimdRejection {
  description: string
  reason?: string
}

/**
 * Sees to it that a client whose client_id is the address of its metadata is known as its document has it, if the document
 * can be had and is sound; other ids are nothing to it, and cost nothing. `known`: one whose document cannot be had just now
 * will do as it was read within a day. Throws `TooManyRequests`.
 */
export type ResolveCimdClient = (
  clientId: string,
  ipAddress: string,
  freshness: 'fresh' | 'known',
) => Promise<CimdRejection | undefined>

/** Seconds that a document may be kept: at least, at most, and where it does not say. */
const MIN_CACHE_SECONDS = 60
const MAX_CACHE_SECONDS = 86_400
const DEFAULT_CACHE_SECONDS = 3_600
/** Seconds in which a document that could not be used is not asked for again. Its answer is not kept. */
const NEGATIVE_CACHE_SECONDS = 10
/** Documents that are fetched at once, and unknown ones of one host within a minute: this is nobody's weapon. */
const MAX_CONCURRENT_FETCHES = 50
const HOST_RATE_LIMIT = { max: 30, window: 60 }
const MAX_CACHE_ENTRIES = 10_000

const HOST_NOT_ACCEPTED = {
  description: 'There is no client with this client_id, and metadata documents of its host are not taken here.',
}
const CLIENT_REMOVED = { description: 'The client with this client_id was removed by an administrator.' }

/** Clients by their metadata documents (draft-ietf-oauth-client-id-metadata-document). One for each process. */
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
  const negativeCache = new Map<string, { until: Date; refused: CimdRejection }>()
  const inFlight = new Map<string, Promise<CimdRejection | undefined>>()

  const isFresh = (id: string) => (readings.get(id)?.freshUntil ?? 0) > clock.now()

  async function hasFreshReading(client: RegisteredClient): Promise<boolean> {
    if (isFresh(client.id)) return true
    const reading = await clientMetadataDocuments.findFreshness(client)
    if (reading) cacheEntry(readings, client.id, reading)
    return isFresh(client.id)
  }

  async function fetchOnce(
    clientId: string,
    known: RegisteredClient | undefined,
    ipAddress: string,
  ): Promise<CimdRejection | undefined> {
    const negativeEntry = negativeCache.get(clientId)
    if (negativeEntry && negativeEntry.until > clock.now()) return negativeEntry.refused
    const location = await clientMetadataDocuments.findOwner(clientId, clientIdHost(clientId))
    if (location.kind === 'deleted') return CLIENT_REMOVED
    if (location.kind === 'none' || (known && known.organisationId !== location.settings.organisationId))
      return HOST_NOT_ACCEPTED
    if (!known && !inFlight.has(clientId)) {
      await perAddress.consume(ipAddress)
      await perHost.consume(clientIdHost(clientId))
    }
    // From here to where it is noted nobody else gets in between.
    const running = inFlight.get(clientId)
    if (running) return running
    if (inFlight.size >= MAX_CONCURRENT_FETCHES) throw new TooManyRequests(1)
    const task = refresh(clientId, known, location.settings, ipAddress).finally(() => inFlight.delete(clientId))
    inFlight.set(clientId, task)
    return task
  }

  async function refresh(
    clientId: string,
    known: RegisteredClient | undefined,
    rules: OrganisationRegistrationSettings,
    ipAddress: string,
  ): Promise<CimdRejection | undefined> {
    // Somebody may have brought it while this was waiting.
    if (known ? isFresh(known.id) : await clients.find(clientId)) return undefined
    const document = await fetchSettings(clientId, known ? { ...rules, profile: known.profile } : rules)
    const refused = 'refused' in document ? document.refused : await store(clientId, known, document, rules, ipAddress)
    if (refused)
      cacheEntry(negativeCache, clientId, { until: addSeconds(clock.now(), NEGATIVE_CACHE_SECONDS), refused })
    return refused
  }

  async function fetchSettings(
    clientId: string,
    rules: OrganisationRegistrationSettings,
  ): Promise<{ settings: ClientSettings; maxAge: number | undefined } | { refused: CimdRejection }> {
    const reject = (what: string, reason?: string) => ({
      refused: { description: `The metadata document at client_id ${what}`, ...(reason !== undefined && { reason }) },
    })
    let found: FetchedDocument
    try {
      found = await fetchMetadataDocument(clientId)
    } catch (error) {
      // What the server hears on its way says something of the network that it is in.
      return reject('cannot be had.', error instanceof Error ? error.message : undefined)
    }
    if (found.kind === 'unusable') return reject(`${found.reason}.`)
    try {
      return { settings: await readCimdDocument(clientId, found.body, rules, options), maxAge: found.maxAge }
    } catch (error) {
      if (error instanceof OAuthError) return reject(`is refused: ${error.description}`)
      throw error
    }
  }

  async function store(
    clientId: string,
    known: RegisteredClient | undefined,
    { settings, maxAge = DEFAULT_CACHE_SECONDS }: { settings: ClientSettings; maxAge: number | undefined },
    { organisationId }: { organisationId: string },
    ipAddress: string,
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
        requestMetadata: { ipAddress, userAgent: undefined, requestId: '' },
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
              // What took a key to use would take none any more.
              revokesGrants: known.clientType === 'confidential' && settings.clientType === 'public',
              event: event('client.updated', { fields: changed.map(([name]) => name) }),
            },
      )
    } else {
      const client = { ...settings, id, clientId, organisationId, createdAt: now, updatedAt: now }
      const outcome = await clientMetadataDocuments.register(client, reading, event('client.registered', {}))
      if (outcome === 'full') {
        return { description: 'There are too many clients with metadata documents here. Ask an administrator.' }
      }
      if (outcome === 'exists') return undefined
    }
    cacheEntry(readings, id, reading)
    return undefined
  }

  return async (clientId, ipAddress, freshness) => {
    if (!isClientIdUrl(clientId)) return undefined
    const urlProblem = clientIdUrlProblem(clientId)
    if (urlProblem !== undefined) return { description: `client_id ${urlProblem}.` }
    const known = await clients.find(clientId)
    if (known && !acceptsMetadataDocumentsFrom(known.organisation, clientIdHost(clientId))) return HOST_NOT_ACCEPTED
    if (known && (!isClientActive(known, clock.now()) || (await hasFreshReading(known)))) return undefined
    const refused = await fetchOnce(clientId, known, ipAddress)
    if (!refused || freshness === 'fresh' || !known) return refused
    const fetchedAt = readings.get(known.id)?.fetchedAt
    return fetchedAt && addSeconds(fetchedAt, MAX_CACHE_SECONDS) > clock.now() ? undefined : refused
  }
}

/** Keeps `value`, and lets go of what was kept first where there is too much. */
function cacheEntry<Value>(cache: Map<string, Value>, key: string, value: Value): void {
  cache.delete(key)
  cache.set(key, value)
  const [oldest] = cache.keys()
  if (cache.size > MAX_CACHE_ENTRIES && oldest !== undefined) cache.delete(oldest)
}
