import type { ClientTesterOptions } from '../../clients/diagnostics/test-client.ts'
import type { ClientManagement } from '../../clients/management/find-client.ts'
import type { ClientAuditEventReader } from '../../model/audit/audit-event.ts'
import type { ClaimsPreviewer } from '../../tokens/preview-client-claims.ts'
import type { ReadRecorder } from '../audit-logs/record-read.ts'
import type { AdminResource } from '../operation.ts'
import { acceptPatchBodies } from '../patch-body.ts'
import { listClientConsentsOperation } from './consents/list-client-consents.ts'
import { revokeClientConsentOperation } from './consents/revoke-client-consent.ts'
import { revokeClientConsentsOperation } from './consents/revoke-client-consents.ts'
import { createClientOperation } from './create-client.ts'
import { deleteClientOperation } from './delete-client.ts'
import { getClientOperation } from './get-client.ts'
import { listClientGrantsOperation } from './grants/list-client-grants.ts'
import { revokeClientGrantOperation } from './grants/revoke-client-grant.ts'
import { revokeClientGrantsOperation } from './grants/revoke-client-grants.ts'
import { cloneClientOperation } from './lifecycle/clone-client.ts'
import { disableClientOperation } from './lifecycle/disable-client.ts'
import { enableClientOperation } from './lifecycle/enable-client.ts'
import { revokeClientOperation } from './lifecycle/revoke-client.ts'
import { lintClientOperation, type ClientLinter } from './diagnostics/lint-client.ts'
import { previewClaimsOperation } from './diagnostics/preview-claims.ts'
import { listClientEventsOperation } from './diagnostics/list-client-events.ts'
import { listClientsOperation } from './list-clients.ts'
import { replaceClientOperation } from './replace-client.ts'
import { addClientSecretOperation } from './secrets/add-client-secret.ts'
import { deleteClientSecretOperation } from './secrets/delete-client-secret.ts'
import { listClientSecretsOperation } from './secrets/list-client-secrets.ts'
import { regenerateClientSecretOperation, rotateClientSecretOperation } from './secrets/rotate-client-secret.ts'
import { testClientOperation } from './diagnostics/test-client.ts'
import { updateClientOperation } from './update-client.ts'

export interface ClientResourceServices
  extends
    ClientManagement,
    Omit<ClientTesterOptions, keyof ClientManagement>,
    ReadRecorder,
    ClaimsPreviewer,
    ClientLinter {
  clientAuditEvents: ClientAuditEventReader
}

/** `/v1/admin/clients`: the clients of an organisation. */
export const clientResource = (services: ClientResourceServices): AdminResource => ({
  prepare: acceptPatchBodies,
  operations: [
    listClientsOperation(services),
    createClientOperation(services),
    getClientOperation(services),
    replaceClientOperation(services),
    updateClientOperation(services),
    deleteClientOperation(services),
    lintClientOperation(services),
    testClientOperation(services),
    previewClaimsOperation(services),
    listClientEventsOperation(services),
    cloneClientOperation(services),
    enableClientOperation(services),
    disableClientOperation(services),
    revokeClientOperation(services),
    listClientConsentsOperation(services),
    revokeClientConsentsOperation(services),
    revokeClientConsentOperation(services),
    listClientGrantsOperation(services),
    revokeClientGrantsOperation(services),
    revokeClientGrantOperation(services),
    listClientSecretsOperation(services),
    addClientSecretOperation(services),
    deleteClientSecretOperation(services),
    rotateClientSecretOperation(services),
    regenerateClientSecretOperation(services),
  ],
})
