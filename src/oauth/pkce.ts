import { sha256 } from '../lib/crypto/hash.ts'

/** Whether `text` is a well-formed S256 challenge: 43 characters of base64url (RFC 7636 §4.2). */
export function isCodeChallenge(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text)
}

/** Whether `text` is a well-formed verifier: 43 to 128 unreserved characters (RFC 7636 §4.1). */
export function isCodeVerifier(text: string): boolean {
  return /^[A-Za-z0-9._~-]{43,128}$/.test(text)
}

/** BASE64URL-ENCODE(SHA256(ASCII(code_verifier))) (RFC 7636 §4.6). */
export function computeS256Challenge(verifier: string): string {
  return sha256(verifier).toString('base64url')
}
