// Format characters that names in some scripts and emoji need: joiners, direction marks and variation selectors.
const NEEDED_IN_NAMES = String.raw`\u061c\u200c-\u200f\p{Variation_Selector}`
/** Characters without a glyph, or that look like a space: fillers, tags, U+2800, private use, noncharacters. */
const INVISIBLE = String.raw`\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\p{Co}\u2800\ufff9-\ufffb`

const VISIBLE_CHARACTER = new RegExp(`(?![${INVISIBLE}])[\\p{L}\\p{N}\\p{P}\\p{S}]`, 'u')
const FORBIDDEN_IN_NAMES = new RegExp(`(?![${NEEDED_IN_NAMES}])[${INVISIBLE}]`, 'u')
// Line breaks, and characters that reverse the text beside a name.
const CONTROL_CHARACTER = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u
/** More marks would cover the lines above and below. Vietnamese and Hebrew need up to four. */
const TOO_MANY_MARKS = /\p{M}{9}/u

/** Whether a reader sees anything of a text (Unicode Standard Annex 44). */
export function isVisibleText(text: string): boolean {
  return VISIBLE_CHARACTER.test(text)
}

/** Why a text cannot be a name that users see on one line, or undefined; completes the sentence "<path> …". */
export function nameProblem(text: string): string | undefined {
  if (text.trim() === '') return 'must not be empty'
  if (CONTROL_CHARACTER.test(text)) return 'must not hold control characters'
  if (FORBIDDEN_IN_NAMES.test(text)) return 'must not hold invisible characters'
  if (!isVisibleText(text)) return 'must have a visible character'
  return TOO_MANY_MARKS.test(text) ? 'must not have more than eight combining marks in a row' : undefined
}
