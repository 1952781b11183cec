// `model/resources` holds protected resources (RFC 8707, RFC 9728): the APIs that access tokens are issued for.

import type { AuditEvent } from '../audit/audit-event.ts'
import type { SigningAlgorithm } from '../clients/client-algorithms.ts'
import type { ClientClaim } from '../clients/client-claim.ts'
import type { AccessTokenFormat, AccessTokenType } from '../clients/client.ts'

/**
 * The kinds of clients that may request a resource: every client, those of the organisation itself, those that an
 * administrator registered, and those that registered themselves, by DCR (RFC 7591) or by a client ID metadata document.
 */
export const clientKinds = ['all', 'first_party', 'managed', 'dcr', 'cimd'] as const
export type ClientKind = (typeof clientKinds)[number]

/** What the consent page says about a scope. */
export interface ScopeText {
  /** Null: the name of the scope. */
  title: string | null
  description: string | null
}

/** A scope of one resource. Another resource may have one of the same name. */
export interface ResourceScope extends ScopeText {
  name: string
  /** By language tag (BCP 47). */
  localised: Record<string, { [Text in keyof ScopeText]?: ScopeText[Text] | undefined }>
}

/** What administrators set. */
export interface ResourceSettings {
  name: string
  /** By language tag. */
  localised: Record<string, { name: string }>
  /** While false, no token is issued for it. */
  isActive: boolean
  scopes: ResourceScope[]
  accessTokenFormat: AccessTokenFormat
  accessTokenTyp: AccessTokenType
  accessTokenSigningAlg: SigningAlgorithm
  /** Seconds; null: that of the client. */
  accessTokenLifetime: number | null
  clientKinds: ClientKind[]
  /** Clients that may request it besides those of `clientKinds`, by `client_id`. */
  clients: string[]
  /** Whether this server publishes its metadata (RFC 9728). */
  /** Claims about the user in its access tokens and their introspection. */
  claims: ClientClaim[]
  /** Octets that these may add to a token. */
  maxClaimBytes: number
  hostsMetadata: boolean
  documentationUri: string | null
}

export interface ProtectedResource extends ResourceSettings {
  id: string
  organisationId: string
  /** The URI that clients request it by, and the `aud` of its tokens. It never changes. */
  identifier: string
  createdAt: Date
  updatedAt: Date
  /** Changes with every write. */
  version: number
}

export const defaultResourceSettings: Omit<ResourceSettings, 'name'> = {
  localised: {},
  isActive: true,
  scopes: [],
  accessTokenFormat: 'jwt',
  accessTokenTyp: 'at+jwt',
  accessTokenSigningAlg: 'ES256',
  accessTokenLifetime: null,
  clientKinds: ['managed'],
  clients: [],
  claims: [],
  maxClaimBytes: 4096,
  hostsMetadata: false,
  documentationUri: null,
}

/** A process keeps all resources of an organisation in memory. */
export const MAX_RESOURCES = 200

/** How a resource is identified: always within an organisation. */
export type ResourceReference = Pick<ProtectedResource, 'id' | 'organisationId'>

/** A resource in the version that was read: a write applies to no other. */
export type ResourceVersion = ResourceReference & Pick<ProtectedResource, 'version'>

export type NewResource = Omit<ProtectedResource, 'createdAt' | 'updatedAt' | 'version'>

/** What lists of resources are sorted by. */
export const resourceSortFields = ['name', 'identifier', 'createdAt', 'updatedAt'] as const
export type ResourceSortField = (typeof resourceSortFields)[number]

export interface ResourceQuery {
  organisationId: string
  limit: number
  offset: number
  sort: { by: ResourceSortField; descending: boolean }
  /** Part of the name or the identifier. */
  search: string | undefined
}

/** Each change stores its audit event in the same transaction. `stale`: it has another version, or does not exist. */
export interface ResourceRepository {
  list(query: ResourceQuery): Promise<{ resources: ProtectedResource[]; total: number }>
  find(resource: ResourceReference): Promise<ProtectedResource | undefined>
  /**
   * An active resource whose metadata this server publishes, of an active organisation: by id, or by `resourceIdentifierKey` of
   * an identifier on the host of this server, which only the operator's organisation can have.
   */
  findHosted(which: { id: string } | { ownHostKey: string }): Promise<ProtectedResource | undefined>
  create(resource: NewResource, event: AuditEvent): Promise<'created' | 'identifier_taken' | 'too_many'>
  update(resource: ResourceVersion, change: Partial<ResourceSettings>, event: AuditEvent): Promise<'updated' | 'stale'>
  delete(resource: ResourceVersion, event: AuditEvent): Promise<'deleted' | 'stale'>
}

/** The resources of organisations as the protocol endpoints need them, from a cache that follows changes within a second. */
export interface ResourceCache {
  /** All resources of an organisation, by `resourceIdentifierKey`. */
  ofOrganisation(organisationId: string): Promise<ReadonlyMap<string, ProtectedResource>>
}
