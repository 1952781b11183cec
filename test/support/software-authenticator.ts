import { createHash, createSign, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { ISSUER } from './app.ts'

interface CreationOptions {
  rp: { id: string }
  user: { id: string }
  challenge: string
}
interface RequestOptions {
  rpId: string
  challenge: string
}

/** What a test changes about an answer. */
export interface Forgery {
  origin?: string
  rpId?: string
  type?: string
  userVerified?: boolean
  backupEligible?: boolean
  signCount?: number
  userHandle?: string | null
}

const USER_PRESENT = 0x01
const USER_VERIFIED = 0x04
const BACKUP_ELIGIBLE = 0x08
const BACKED_UP = 0x10
const ATTESTED = 0x40

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest()
const base64url = (data: string | Uint8Array) => Buffer.from(data).toString('base64url')

/** A passkey in software: ES256, no attestation (WebAuthn §6). `synced`: it can be copied to other devices. */
export function softwareAuthenticator({ synced = false, counts = true, aaguid = '00'.repeat(16) } = {}) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const credentialId = randomBytes(32)
  const id = base64url(credentialId)
  let signCount = 0
  let handle = ''

  function authenticatorData(rpId: string, forgery: Forgery, attested: Uint8Array = new Uint8Array()) {
    const eligible = forgery.backupEligible ?? synced
    const flags =
      USER_PRESENT |
      (forgery.userVerified === false ? 0 : USER_VERIFIED) |
      (eligible ? BACKUP_ELIGIBLE | BACKED_UP : 0) |
      (attested.length > 0 ? ATTESTED : 0)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(forgery.signCount ?? signCount)
    return Buffer.concat([sha256(forgery.rpId ?? rpId), Buffer.from([flags]), count, attested])
  }
  const clientData = (type: string, challenge: string, forgery: Forgery) =>
    JSON.stringify({
      type: forgery.type ?? type,
      challenge,
      origin: forgery.origin ?? ISSUER,
      crossOrigin: false,
    })

  return {
    id,
    /** `navigator.credentials.create()`. */
    create({ rp, user, challenge }: CreationOptions, forgery: Forgery = {}) {
      handle = user.id
      const length = Buffer.from([0, credentialId.length])
      const attested = Buffer.concat([Buffer.from(aaguid, 'hex'), length, credentialId, coseKey(publicKey)])
      const data = authenticatorData(rp.id, forgery, attested)
      const response = {
        clientDataJSON: base64url(clientData('webauthn.create', challenge, forgery)),
        attestationObject: base64url(attestationObject(data)),
        transports: ['internal'],
      }
      return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} }
    },
    /** `navigator.credentials.get()`. */
    get({ rpId, challenge }: RequestOptions, forgery: Forgery = {}) {
      if (counts) signCount += 1
      const data = authenticatorData(rpId, forgery)
      const client = clientData('webauthn.get', challenge, forgery)
      const signature = createSign('sha256')
        .update(Buffer.concat([data, sha256(client)]))
        .sign(privateKey)
      const response = {
        clientDataJSON: base64url(client),
        authenticatorData: base64url(data),
        signature: base64url(signature),
        userHandle: forgery.userHandle === undefined ? handle : forgery.userHandle,
      }
      return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} }
    },
  }
}

/** CBOR of `{1: 2, 3: -7, -1: 1, -2: x, -3: y}` (RFC 9053 §7.1.1). */
function coseKey(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const bytes = (value: string) => Buffer.from(value, 'base64url')
  const head = Buffer.from('a5010203262001215820', 'hex')
  return Buffer.concat([head, bytes(x), Buffer.from('225820', 'hex'), bytes(y)])
}

/** CBOR of `{fmt: "none", attStmt: {}, authData}` (WebAuthn §6.5.4). */
function attestationObject(authData: Uint8Array): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)])
  const head = [Buffer.from([0xa3]), text('fmt'), text('none'), text('attStmt'), Buffer.from([0xa0]), text('authData')]
  return Buffer.concat([...head, Buffer.from([0x58, authData.length]), authData])
}
