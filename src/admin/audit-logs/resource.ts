// `admin/audit-logs` owns the operations that read the audit log of an organisation, page by page or as an export.
// Each read is an audit event itself (`record-read.ts`).
// Writing events belongs to the operations that they are about.

import type { AuditChainRepository } from '../../model/audit/audit-chain.ts'
import type { AuditLogReader } from '../../model/audit/audit-log.ts'
import type { AdminResource } from '../operation.ts'
import { exportAuditChainOperation } from './export-audit-chain.ts'
import { exportAuditLogsOperation } from './export-audit-logs.ts'
import { getAuditLogOperation } from './get-audit-log.ts'
import { listAuditLogsOperation } from './list-audit-logs.ts'
import type { ReadRecorder } from './record-read.ts'

/** `/v1/admin/audit-logs`: the audit events of an organisation. */
export const auditLogResource = (
  services: ReadRecorder & {
    auditLog: AuditLogReader
    auditChain: Pick<AuditChainRepository, 'readBlock' | 'findLastCheckpoint'>
  },
): AdminResource => ({
  operations: [
    listAuditLogsOperation(services),
    exportAuditLogsOperation(services),
    exportAuditChainOperation(services),
    getAuditLogOperation(services),
  ],
})
