import { randomBytes } from 'node:crypto'

/** An unguessable token: 256 bits as base64url. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url')
}

/** A suffix for a temporary file. */
export function randomSuffix(): string {
  return randomBytes(6).toString('hex')
}
