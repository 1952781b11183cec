import { randomBytes } from 'node:crypto'

/** An unguessable token: 256 bits as base64url. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url')
}

/** 256 bits as base64. */
export function randomBase64(): string {
  return randomBytes(32).toString('base64')
}

/** A suffix for a temporary file. */
export function randomSuffix(): string {
  return randomBytes(6).toString('hex')
}
