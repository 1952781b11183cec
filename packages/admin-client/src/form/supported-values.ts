import type { ServerMetadata } from '../openapi/document.ts'

/**
 * The values of a member that the server's metadata lists as supported (OpenID Connect Discovery §3, RFC 8414 §2), such as
 * `id_token_signing_alg_values_supported` for `idTokenSignedResponseAlg`. Undefined where the metadata lists none.
 */
export function supportedValues(member: string, metadata: ServerMetadata): string[] | undefined {
  const snake = member.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const stem = snake
    .replace(/_signed_response_alg$/, '_signing_alg')
    .replace(/_encrypted_response_(alg|enc)$/, '_encryption_$1')
  const names = [`${stem}_supported`, `${stem}s_supported`, `${stem}_values_supported`]
  const found = names.map((name) => metadata[name]).find((values) => Array.isArray(values))
  return found?.filter((value): value is string => typeof value === 'string')
}
