import type { Client, SigningAlgorithm } from '../model/client.ts'
import type { ClientType } from '../oauth/redirect-uri.ts'
import type { Client as ClientRow } from './generated/client.ts'

/** A client as the model has it. The database's text columns hold only what the model's unions allow. */
export function readClient({ deletedAt, ...row }: ClientRow): Client {
  return {
    ...row,
    clientType: row.clientType as ClientType,
    idTokenSignedResponseAlg: row.idTokenSignedResponseAlg as SigningAlgorithm,
    accessTokenSigningAlg: row.accessTokenSigningAlg as SigningAlgorithm,
  }
}
