import { z } from 'zod'
import type { ApiKeyRepository } from '../../model/api-keys/api-key.ts'
import type { AuditLogReader } from '../../model/audit/audit-log.ts'
import type { OrganisationRepository } from '../../model/organisations/organisation-repository.ts'
import type { PasskeyRepository } from '../../model/passkeys/passkey.ts'
import type { UserAccessRepository } from '../../model/users/user-access.ts'
import type { UserDirectory } from '../../model/users/user-directory.ts'
import { addSeconds } from '../../lib/time/clock.ts'
import { accountOperation } from './access.ts'
import { createAccountAuditEvent } from './audit-event.ts'
import { readableAccess, type ProfileServices } from './get-profile.ts'
import type { SessionServices } from './list-sessions.ts'
import { accountOf, profileSchema, profileVisibilityFor, representProfile, requireProfile } from './profile.ts'
import type { AuditEventRecorder } from '../../model/sessions/session.ts'

/** At most this many entries of each list. */
const MAX_ENTRIES = 1_000
const AUDIT_LOG_SECONDS = 90 * 86_400

export interface ExportServices extends ProfileServices, SessionServices {
  userDirectory: Pick<UserDirectory, 'find'>
  userAccess: Pick<UserAccessRepository, 'listConsents'>
  organisations: Pick<OrganisationRepository, 'find'>
  apiKeys: Pick<ApiKeyRepository, 'list'>
  passkeys: Pick<PasskeyRepository, 'list'>
  auditLog: Pick<AuditLogReader, 'read'>
  auditEvents: AuditEventRecorder
}

const text = z.string()
const nullableText = z.string().nullable()
const summary = z.object({ id: text, name: text, slug: text })

const exportSchema = z.object({
  generatedAt: text,
  data: z.object({
    user: profileSchema
      .omit({ organisation: true, roles: true, permissions: true })
      .extend({ createdAt: text, updatedAt: text, lastLoginAt: nullableText }),
    organisation: summary.extend({ email: nullableText }),
    roles: z.array(summary),
    teams: z.array(summary),
    sessions: z.array(
      z.object({
        id: text,
        ipAddress: nullableText,
        userAgent: nullableText,
        lastActivityAt: text,
        expiresAt: text,
        createdAt: text,
      }),
    ),
    auditLogs: z
      .array(
        z.object({
          id: text,
          eventType: text,
          success: z.boolean(),
          ipAddress: nullableText,
          userAgent: nullableText,
          metadata: z.record(text, z.unknown()),
          createdAt: text,
        }),
      )
      .describe('Of the last 90 days, the newest first, at most 1,000.'),
    consents: z.array(z.object({ id: text, clientId: text, scopes: z.array(text), grantedAt: text })),
    passkeys: z.array(z.object({ id: text, name: text, aaguid: text, lastUsedAt: nullableText, createdAt: text })),
    apiTokens: z.array(
      z.object({
        id: text,
        name: text,
        scopes: z.array(text),
        lastUsedAt: nullableText,
        expiresAt: text,
        createdAt: text,
      }),
    ),
  }),
})

export const exportDataOperation = (services: ExportServices) =>
  accountOperation({
    method: 'GET',
    path: '/v1/me/export',
    operationId: 'exportData',
    firstPartyOnly: true,
    sessionOnly: true,
    summary: 'Export your data',
    description:
      'What is stored about you, without secrets and without attributes that only administrators may read. Each list has at most 1,000 entries.',
    schema: { response: { 200: exportSchema } },
    errorStatuses: [401, 403],
    async handle({ context: caller, request, reply }) {
      const { users, userAttributes, userDirectory, userAccess, organisations, apiKeys, auditLog, sessions } = services
      const account = accountOf(caller)
      const now = services.clock.now()
      const { organisationId, id: userId } = account
      const page = { limit: MAX_ENTRIES, offset: 0 }
      const profile = requireProfile(await users.findProfile(account, now))
      const attributes = await userAttributes.valuesOf(account, readableAccess)
      const user = await userDirectory.find(account, { now })
      const organisation = await organisations.find(organisationId)
      const active = await sessions.list(account, now)
      const { consents } = await userAccess.listConsents(account, page)
      const query = { organisationId, now, search: undefined, userId, serviceAccountId: undefined, status: undefined }
      const { keys } = await apiKeys.list({ ...query, ...page })
      const passkeys = await services.passkeys.list(profile.user)
      const from = addSeconds(now, -AUDIT_LOG_SECONDS)
      const { entries } = await auditLog.read({ organisationId, userId, from }, { ...page, descending: true })
      // HEAD returns no data.
      if (request.method !== 'HEAD') {
        const resource = { type: 'user', id: userId }
        const event = createAccountAuditEvent(caller, request, services.clock, 'user.data_exported', { resource })
        await services.auditEvents.record(event)
      }
      const {
        organisation: home,
        roles,
        permissions: _,
        ...claims
      } = representProfile(profile, attributes, profileVisibilityFor(caller))
      reply.header('content-disposition', 'attachment; filename="export.json"')
      return {
        generatedAt: now.toISOString(),
        data: {
          user: {
            ...claims,
            createdAt: (user?.createdAt ?? now).toISOString(),
            updatedAt: profile.user.updatedAt.toISOString(),
            lastLoginAt: user?.lastLoginAt?.toISOString() ?? null,
          },
          organisation: { ...home, email: organisation?.email ?? null },
          roles,
          teams: user?.teams ?? [],
          sessions: active.map((session) => ({
            id: session.id,
            ipAddress: session.ipAddress,
            userAgent: session.userAgent,
            lastActivityAt: session.lastActivityAt.toISOString(),
            expiresAt: session.expiresAt.toISOString(),
            createdAt: session.createdAt.toISOString(),
          })),
          auditLogs: entries.map((entry) => ({
            id: entry.id,
            eventType: entry.type,
            success: entry.success,
            ipAddress: entry.ipAddress,
            userAgent: entry.userAgent,
            metadata: { ...entry.metadata },
            createdAt: entry.occurredAt.toISOString(),
          })),
          consents: consents.map(({ client, scopes, grantedAt }) => ({
            id: client.id,
            clientId: client.clientId,
            scopes,
            grantedAt: grantedAt.toISOString(),
          })),
          passkeys: passkeys.map(({ id, name, aaguid, lastUsedAt, createdAt }) => ({
            id,
            name,
            aaguid,
            lastUsedAt: lastUsedAt?.toISOString() ?? null,
            createdAt: createdAt.toISOString(),
          })),
          apiTokens: keys.map(({ id, name, scopes, lastUsedAt, expiresAt, createdAt }) => ({
            id,
            name,
            scopes,
            lastUsedAt: lastUsedAt?.toISOString() ?? null,
            expiresAt: expiresAt.toISOString(),
            createdAt: createdAt.toISOString(),
          })),
        },
      }
    },
  })
