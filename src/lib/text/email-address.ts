/** Whether a text is an e-mail address as users enter it (HTML's definition, at most 254 characters). */
export function isEmailAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>(),;:\\"[\]]{1,64}@[^\s@<>(),;:\\"[\]]+$/u.test(text) && !/\p{C}/u.test(text)
}
