import { isDeepStrictEqual } from 'node:util'
import { securityEvent } from '../events/catalogue.ts'
import type { Counting } from '../http/counting.ts'
import { TooManyRequests } from '../http/framework-errors.ts'
import { createAttemptLimit } from '../http/limits.ts'
import type { FetchedDocument } from '../http/metadata-documents.ts'
import { addSeconds } from '../lib/clock.ts'
import { uuidv7 } from '../lib/random.ts'
import {
  takesDocumentsOf,
  type ClientDocumentRepository,
  type DocumentRules,
  type DocumentReading,
} from '../model/client-document.ts'
import { isUsable, type ClientDirectory, type ClientSettings, type RegisteredClient } from '../model/client.ts'
import { clientIdHost, clientIdUrlProblem, isClientIdUrl } from '../oauth/client-id-url.ts'
import { OAuthError } from '../oauth/errors.ts'
import { decidedByDocument, readMetadataDocument, type DocumentOptions } from './metadata-document.ts'

export interface ClientAdmissionOptions extends DocumentOptions {
  clients: Pick<ClientDirectory, 'find'>
  clientDocuments: ClientDocumentRepository
  /** What is at the address of a metadata document; throws where there is no answer. */
  readDocument: (url: string) => Promise<FetchedDocument>
  counting: Counting
  /** How many unknown documents an address may have fetched. */
  limit: { max: number; window: number }
}

/** Why there is no such client: for whoever wrote its document, and for the log. */
export interface NotAdmitted {
  description: string
  reason?: string
}

/**
 * Sees to it that a client whose client_id is the address of its metadata is known as its document has it, if the document
 * can be had and is sound; other ids are nothing to it, and cost nothing. `known`: one whose document cannot be had just now
 * will do as it was read within a day. Throws `TooManyRequests`.
 */
export type AdmitClient = (
  clientId: string,
  ipAddress: string,
  least: 'fresh' | 'known',
) => Promise<NotAdmitted | undefined>

/** Seconds that a document may be kept: at least, at most, and where it does not say. */
const SHORTEST = 60
const LONGEST = 86_400
const USUAL = 3_600
/** Seconds in which a document that could not be used is not asked for again. Its answer is not kept. */
const PAUSE = 10
/** Documents that are fetched at once, and unknown ones of one host within a minute: this is nobody's weapon. */
const MOST_AT_ONCE = 50
const OF_ONE_HOST = { max: 30, window: 60 }
const MOST_REMEMBERED = 10_000

const NOT_TAKEN = {
  description: 'There is no client with this client_id, and metadata documents of its host are not taken here.',
}
const REMOVED = { description: 'The client with this client_id was removed by an administrator.' }

/** Clients by their metadata documents (draft-ietf-oauth-client-id-metadata-document). One for each process. */
export function createClientAdmission(options: ClientAdmissionOptions): AdmitClient {
  const { clock, clients, clientDocuments, readDocument, counting, limit } = options
  const perAddress = createAttemptLimit({ kind: 'metadata document', ...limit, counting, clock })
  const perHost = createAttemptLimit({ kind: 'metadata document host', ...OF_ONE_HOST, counting, clock })
  const readings = new Map<string, DocumentReading>()
  const pauses = new Map<string, { until: Date; refused: NotAdmitted }>()
  const flights = new Map<string, Promise<NotAdmitted | undefined>>()

  const isFresh = (id: string) => (readings.get(id)?.freshUntil ?? 0) > clock.now()

  async function wasRead(client: RegisteredClient): Promise<boolean> {
    if (isFresh(client.id)) return true
    const reading = await clientDocuments.findReading(client)
    if (reading) remember(readings, client.id, reading)
    return isFresh(client.id)
  }

  async function bring(
    clientId: string,
    known: RegisteredClient | undefined,
    ipAddress: string,
  ): Promise<NotAdmitted | undefined> {
    const paused = pauses.get(clientId)
    if (paused && paused.until > clock.now()) return paused.refused
    const place = await clientDocuments.findPlace(clientId, clientIdHost(clientId))
    if (place.kind === 'removed') return REMOVED
    if (place.kind === 'nowhere' || (known && known.organisationId !== place.rules.organisationId)) return NOT_TAKEN
    if (!known && !flights.has(clientId)) {
      await perAddress.take(ipAddress)
      await perHost.take(clientIdHost(clientId))
    }
    // From here to where it is noted nobody else gets in between.
    const underWay = flights.get(clientId)
    if (underWay) return underWay
    if (flights.size >= MOST_AT_ONCE) throw new TooManyRequests(1)
    const flight = read(clientId, known, place.rules, ipAddress).finally(() => flights.delete(clientId))
    flights.set(clientId, flight)
    return flight
  }

  async function read(
    clientId: string,
    known: RegisteredClient | undefined,
    rules: DocumentRules,
    ipAddress: string,
  ): Promise<NotAdmitted | undefined> {
    // Somebody may have brought it while this was waiting.
    if (known ? isFresh(known.id) : await clients.find(clientId)) return undefined
    const document = await settingsAt(clientId, known ? { ...rules, profile: known.profile } : rules)
    const refused = 'refused' in document ? document.refused : await store(clientId, known, document, rules, ipAddress)
    if (refused) remember(pauses, clientId, { until: addSeconds(clock.now(), PAUSE), refused })
    return refused
  }

  async function settingsAt(
    clientId: string,
    rules: DocumentRules,
  ): Promise<{ settings: ClientSettings; maxAge: number | undefined } | { refused: NotAdmitted }> {
    const refuse = (what: string, reason?: string) => ({
      refused: { description: `The metadata document at client_id ${what}`, ...(reason !== undefined && { reason }) },
    })
    let found: FetchedDocument
    try {
      found = await readDocument(clientId)
    } catch (error) {
      // What the server hears on its way says something of the network that it is in.
      return refuse('cannot be had.', error instanceof Error ? error.message : undefined)
    }
    if (found.kind === 'unusable') return refuse(`${found.why}.`)
    try {
      return { settings: await readMetadataDocument(clientId, found.body, rules, options), maxAge: found.maxAge }
    } catch (error) {
      if (error instanceof OAuthError) return refuse(`is refused: ${error.description}`)
      throw error
    }
  }

  async function store(
    clientId: string,
    known: RegisteredClient | undefined,
    { settings, maxAge = USUAL }: { settings: ClientSettings; maxAge: number | undefined },
    { organisationId }: { organisationId: string },
    ipAddress: string,
  ): Promise<NotAdmitted | undefined> {
    const now = clock.now()
    const id = known?.id ?? uuidv7(now)
    const reading = { readAt: now, freshUntil: addSeconds(now, Math.min(LONGEST, Math.max(SHORTEST, maxAge))) }
    const event = (type: 'client.registered' | 'client.updated', more: object) =>
      securityEvent(clock, type, {
        organisationId,
        origin: { ipAddress, userAgent: undefined, requestId: '' },
        clientId: id,
        resource: { type: 'client', id },
        metadata: { clientId, by: 'metadata document', ...more },
      })
    if (known) {
      const wanted = Object.entries(decidedByDocument(settings, known))
      const before: Readonly<Record<string, unknown>> = { ...known }
      const changed = wanted.filter(([name, value]) => !isDeepStrictEqual(value, before[name]))
      await clientDocuments.refresh(
        known,
        reading,
        changed.length === 0
          ? undefined
          : {
              settings: Object.fromEntries(changed),
              // What took a key to use would take none any more.
              voids: known.clientType === 'confidential' && settings.clientType === 'public',
              event: event('client.updated', { fields: changed.map(([name]) => name) }),
            },
      )
    } else {
      const client = { ...settings, id, clientId, organisationId, createdAt: now, updatedAt: now }
      const outcome = await clientDocuments.register(client, reading, event('client.registered', {}))
      if (outcome === 'full') {
        return { description: 'There are too many clients with metadata documents here. Ask an administrator.' }
      }
      if (outcome === 'exists') return undefined
    }
    remember(readings, id, reading)
    return undefined
  }

  return async (clientId, ipAddress, least) => {
    if (!isClientIdUrl(clientId)) return undefined
    const wrong = clientIdUrlProblem(clientId)
    if (wrong !== undefined) return { description: `client_id ${wrong}.` }
    const known = await clients.find(clientId)
    if (known && !takesDocumentsOf(known.organisation, clientIdHost(clientId))) return NOT_TAKEN
    if (known && (!isUsable(known, clock.now()) || (await wasRead(known)))) return undefined
    const refused = await bring(clientId, known, ipAddress)
    if (!refused || least === 'fresh' || !known) return refused
    const readAt = readings.get(known.id)?.readAt
    return readAt && addSeconds(readAt, LONGEST) > clock.now() ? undefined : refused
  }
}

/** Keeps `value`, and lets go of what was kept first where there is too much. */
function remember<Value>(known: Map<string, Value>, name: string, value: Value): void {
  known.delete(name)
  known.set(name, value)
  const [oldest] = known.keys()
  if (known.size > MOST_REMEMBERED && oldest !== undefined) known.delete(oldest)
}
