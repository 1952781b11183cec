import { z } from 'zod'
import type { Clock } from '../../lib/time/clock.ts'
import {
  serviceAccountSortFields,
  serviceAccountStatuses,
  type ServiceAccountRepository,
} from '../../model/service-accounts/service-account.ts'
import { adminOperation } from '../operation.ts'
import {
  enumParameter,
  envelopeSchema,
  listEnvelope,
  pageParameters,
  readPage,
  readSort,
  searchParameter,
  sortParameter,
} from '../paging.ts'
import {
  representServiceAccount,
  SERVICE_ACCOUNTS_PATH,
  SERVICE_ACCOUNTS_TAG,
  serviceAccountSchema,
} from './service-account.ts'

const querySchema = z.object({
  ...pageParameters,
  sort: sortParameter(serviceAccountSortFields),
  search: searchParameter.describe('Part of the name or description. Case is ignored.'),
  status: enumParameter(serviceAccountStatuses),
})

export const listServiceAccountsOperation = ({
  serviceAccounts,
  clock,
}: {
  serviceAccounts: Pick<ServiceAccountRepository, 'list'>
  clock: Clock
}) =>
  adminOperation({
    method: 'GET',
    path: SERVICE_ACCOUNTS_PATH,
    operationId: 'listServiceAccounts',
    tag: SERVICE_ACCOUNTS_TAG,
    permission: 'service_accounts:read',
    summary: 'List service accounts',
    schema: { querystring: querySchema, response: { 200: envelopeSchema(serviceAccountSchema) } },
    errors: [400],
    async handle({ context: { organisationId }, request: { query } }) {
      const page = readPage(query)
      const { accounts, total } = await serviceAccounts.list({
        organisationId,
        now: clock.now(),
        ...page,
        sort: readSort(serviceAccountSortFields, query.sort),
        search: query.search?.trim() || undefined,
        status: query.status,
      })
      return listEnvelope(accounts.map(representServiceAccount), total, page)
    },
  })
