/**
 * What the server says in its metadata that it supports for a member (OpenID Connect Discovery §3, RFC 8414 §2), found by
 * the names that specifications give: `idTokenSignedResponseAlg` by `id_token_signing_alg_values_supported`. Undefined
 * where the metadata says nothing.
 */
export function supportedOf(member: string, metadata: Readonly<Record<string, unknown>>): string[] | undefined {
  const snake = member.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const stem = snake
    .replace(/_signed_response_alg$/, '_signing_alg')
    .replace(/_encrypted_response_(alg|enc)$/, '_encryption_$1')
  const names = [`${stem}_supported`, `${stem}s_supported`, `${stem}_values_supported`]
  const found = names.map((name) => metadata[name]).find((values) => Array.isArray(values))
  return found?.filter((value): value is string => typeof value === 'string')
}
