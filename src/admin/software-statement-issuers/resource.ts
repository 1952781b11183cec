// `admin/software-statement-issuers` owns the operations on trusted issuers of software statements (RFC 7591 §2.3).
// An issuer has keys, by value or by URL, and the scopes that its statements may grant.
// Verifying statements belongs to `clients/registration`.

import type { StatementIssuerServices } from '../../clients/management/statement-issuers.ts'
import type { AdminResource } from '../operation.ts'
import { addStatementIssuerOperation } from './add-statement-issuer.ts'
import { listStatementIssuersOperation } from './list-statement-issuers.ts'
import { removeStatementIssuerOperation } from './remove-statement-issuer.ts'
import { replaceStatementIssuerOperation } from './replace-statement-issuer.ts'

/** `/v1/admin/software-statement-issuers`: the issuers that an organisation trusts. */
export const statementIssuerResource = (services: StatementIssuerServices): AdminResource => ({
  operations: [
    listStatementIssuersOperation(services),
    addStatementIssuerOperation(services),
    replaceStatementIssuerOperation(services),
    removeStatementIssuerOperation(services),
  ],
})
