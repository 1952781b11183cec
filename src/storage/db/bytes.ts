/** A copy in a buffer of its own, as the generated client requires it. */
export function copyBytes(value: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(value)
}
