/** Bytes as the generated client wants them: with memory of their own, and not of a pool that others see. */
export function copyBytes(value: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(value)
}
