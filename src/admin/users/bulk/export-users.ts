import { Readable } from 'node:stream'
import { z } from 'zod'
import { createAdminAuditEvent } from '../../../audit/admin-audit-event.ts'
import { requireRecentSignIn } from '../../../authentication/sessions/require-recent-sign-in.ts'
import { forbidden } from '../../../http/errors/problem.ts'
import type { Clock } from '../../../lib/time/clock.ts'
import type { AuditEvent } from '../../../model/audit/audit-event.ts'
import { hasPermission, type AdminContext } from '../../../model/permissions/permission.ts'
import type { UserAttributeRepository } from '../../../model/users/user-attribute.ts'
import type { UserExportRepository } from '../../../model/users/user-import.ts'
import { adminOperation } from '../../operation.ts'
import { enumParameter } from '../../paging.ts'
import { USERS_PATH, USERS_TAG } from '../user-path.ts'
import { csvColumns, csvLine, toImportedUser } from './exported-user.ts'
import { importedUserSchema } from './import-users.ts'

export interface ExportServices {
  userExports: UserExportRepository
  userAttributes: Pick<UserAttributeRepository, 'list'>
  clock: Clock
  record: (event: AuditEvent) => Promise<void>
}

const EXPORT_HASHES = 'password_hashes:export'
/** Users per statement. A chunk is read when the receiver has taken the previous one. */
const CHUNK_SIZE = 500

const types = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
} as const

export const exportUsersOperation = (services: ExportServices) =>
  adminOperation({
    method: 'GET',
    path: `${USERS_PATH}/export`,
    operationId: 'exportUsers',
    tag: USERS_TAG,
    permission: 'users:read',
    summary: 'Export all users in the form of the import',
    description: `Users who are deleted are left out. Password hashes need ${EXPORT_HASHES} as well, and a user who has signed in within the last ten minutes. CSV has no addresses, and attributes as text; a cell that a spreadsheet would take for a formula begins with an apostrophe. If the export cannot be completed, the connection is closed before the end of the response.`,
    schema: {
      querystring: z.object({
        format: enumParameter(['ndjson', 'csv']).describe('Default: ndjson.'),
        passwordHashes: enumParameter(['true', 'false']).describe('Default: false.'),
      }),
      response: {
        200: {
          description: 'A user per line.',
          content: {
            'application/x-ndjson': { schema: importedUserSchema },
            'text/csv': { schema: z.string() },
          },
        },
      },
    },
    errors: [400],
    async handle({ context, request, reply }) {
      const { format = 'ndjson', passwordHashes } = request.query
      const withPasswordHashes = passwordHashes === 'true'
      const now = services.clock.now()
      if (withPasswordHashes) await requireSecretAccess(services, context, now)
      if (request.method !== 'HEAD') {
        const metadata = { format, passwordHashes: withPasswordHashes }
        await services.record(createAdminAuditEvent(context, services.clock, 'user.directory_exported', { metadata }))
      }
      const { organisationId } = context
      const attributes =
        format === 'csv' ? (await services.userAttributes.list(organisationId)).map(({ name }) => name) : []
      const chunks = exportChunks(services, { organisationId, now, withPasswordHashes, format, attributes })
      return reply
        .type(types[format])
        .header('content-disposition', `attachment; filename="users-${now.toISOString().slice(0, 10)}.${format}"`)
        .header('cache-control', 'no-store')
        .send(Readable.from(chunks, { objectMode: false, highWaterMark: 65_536 }) as never)
    },
  })

/** Throws a 403 problem without the permission, and the challenge of RFC 9470 §3 without a recent sign-in of a user. */
async function requireSecretAccess({ userExports }: ExportServices, context: AdminContext, now: Date): Promise<void> {
  if (!hasPermission(context.permissions, EXPORT_HASHES)) throw forbidden(`You lack the permission ${EXPORT_HASHES}.`)
  const { authTime, grantId, organisationId, userId } = context
  const grant = userId !== undefined && grantId !== undefined ? { id: grantId, organisationId } : undefined
  requireRecentSignIn({ authTime: authTime ?? (grant && (await userExports.findAuthTime(grant))) }, now)
}

interface Export {
  organisationId: string
  now: Date
  withPasswordHashes: boolean
  format: keyof typeof types
  /** The names of the attributes that are columns. */
  attributes: readonly string[]
}

async function* exportChunks(
  { userExports }: ExportServices,
  { organisationId, now, withPasswordHashes, format, attributes }: Export,
): AsyncGenerator<string> {
  const columns = csvColumns({ withPasswordHashes, attributes })
  if (format === 'csv') yield csvLine(columns)
  let after: string | undefined
  do {
    const page = { after, limit: CHUNK_SIZE, now, withPasswordHashes }
    const users = await userExports.read(organisationId, page)
    const lines = users.map(toImportedUser)
    yield format === 'csv'
      ? lines.map((user) => csvLine(columns, user)).join('')
      : lines.map((user) => `${JSON.stringify(user)}\n`).join('')
    after = users.length < CHUNK_SIZE ? undefined : users.at(-1)?.user.id
  } while (after !== undefined)
}
