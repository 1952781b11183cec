import { profileNames, type Client, type SigningAlgorithm } from '../../model/clients/client.ts'
import type { ClientType } from '../../oauth/redirect-uri.ts'
import { Prisma, type Client as ClientRow } from '../generated/client.ts'

/** A client as the model has it. The database's text columns hold only what the model's unions allow. */
export function readClient(
  { deletedAt, expiryNoticeDays, ...row }: ClientRow,
  lastUse: { usedAt: Date } | null = null,
): Client {
  return {
    ...row,
    lastUsedAt: lastUse?.usedAt ?? null,
    clientType: row.clientType as ClientType,
    // What a newer release may have put there: nothing that this one knows is stricter.
    profile: profileNames.find((name) => name === row.profile) ?? 'strict',
    idTokenSignedResponseAlg: row.idTokenSignedResponseAlg as Client['idTokenSignedResponseAlg'],
    accessTokenFormat: row.accessTokenFormat as Client['accessTokenFormat'],
    accessTokenSigningAlg: row.accessTokenSigningAlg as SigningAlgorithm,
    subjectType: row.subjectType as Client['subjectType'],
    attributes: row.attributes as Client['attributes'],
    jwks: row.jwks as Client['jwks'],
    allowedClaims: row.allowedClaims as Client['allowedClaims'],
    localised: row.localised as Client['localised'],
    applicationType: row.applicationType as Client['applicationType'],
    introspectionSignedResponseAlg: row.introspectionSignedResponseAlg as Client['introspectionSignedResponseAlg'],
    introspectionEncryptedResponseAlg:
      row.introspectionEncryptedResponseAlg as Client['introspectionEncryptedResponseAlg'],
    introspectionEncryptedResponseEnc:
      row.introspectionEncryptedResponseEnc as Client['introspectionEncryptedResponseEnc'],
    authorizationSignedResponseAlg: row.authorizationSignedResponseAlg as Client['authorizationSignedResponseAlg'],
    authorizationEncryptedResponseAlg:
      row.authorizationEncryptedResponseAlg as Client['authorizationEncryptedResponseAlg'],
    authorizationEncryptedResponseEnc:
      row.authorizationEncryptedResponseEnc as Client['authorizationEncryptedResponseEnc'],
    requestObjectSigningAlg: row.requestObjectSigningAlg as Client['requestObjectSigningAlg'],
    tokenEndpointAuthSigningAlg: row.tokenEndpointAuthSigningAlg as Client['tokenEndpointAuthSigningAlg'],
    idTokenEncryptedResponseAlg: row.idTokenEncryptedResponseAlg as Client['idTokenEncryptedResponseAlg'],
    idTokenEncryptedResponseEnc: row.idTokenEncryptedResponseEnc as Client['idTokenEncryptedResponseEnc'],
    userinfoEncryptedResponseAlg: row.userinfoEncryptedResponseAlg as Client['userinfoEncryptedResponseAlg'],
    userinfoEncryptedResponseEnc: row.userinfoEncryptedResponseEnc as Client['userinfoEncryptedResponseEnc'],
    requestObjectEncryptionAlg: row.requestObjectEncryptionAlg as Client['requestObjectEncryptionAlg'],
    requestObjectEncryptionEnc: row.requestObjectEncryptionEnc as Client['requestObjectEncryptionEnc'],
    userinfoSignedResponseAlg: row.userinfoSignedResponseAlg as SigningAlgorithm | null,
  }
}

/** Settings as Prisma wants them written: in a JSON column the null of the database is not the null of JSON. */
export function writeClient<Settings extends Partial<Pick<Client, 'jwks' | 'allowedClaims'>>>({
  jwks,
  allowedClaims,
  ...settings
}: Settings) {
  return {
    ...settings,
    ...(jwks !== undefined && { jwks: jwks === null ? Prisma.DbNull : (jwks as Prisma.InputJsonObject) }),
    ...(allowedClaims !== undefined && { allowedClaims: allowedClaims ?? Prisma.DbNull }),
  }
}
