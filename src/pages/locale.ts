import { de } from './messages/de.ts'
import { en, type Messages } from './messages/en.ts'

/** The languages people can be addressed in, as BCP 47 primary subtags; also what discovery may advertise. */
export const locales = ['en', 'de'] as const
export type Locale = (typeof locales)[number]

export const messages: Readonly<Record<Locale, Messages>> = { en, de }
export const direction: Readonly<Record<Locale, 'ltr' | 'rtl'>> = { en: 'ltr', de: 'ltr' }

const fallback: Locale = 'en'

/** Nobody prefers this many languages; a longer list is not worth reading. */
const longestList = 32

/** RFC 4647 §3.4, shortened to our case: `de-CH-1996` is served by `de`. */
function supported(range: string): Locale | undefined {
  const primary = range.trim().split('-', 1)[0]?.toLowerCase()
  return locales.find((locale) => locale === primary)
}

/** RFC 9110 §12.4.2: three decimals at most; anything else makes the entry void. */
function weight(parameters: readonly string[]): number {
  const q = parameters.map((parameter) => parameter.trim()).find((parameter) => /^q=/i.test(parameter))
  if (q === undefined) return 1
  return /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/i.test(q) ? Number(q.slice(2)) : 0
}

function negotiate(acceptLanguage: string): Locale | undefined {
  const ranges = acceptLanguage
    .split(',', longestList)
    .map((entry) => {
      const [range = '', ...parameters] = entry.split(';')
      return { range: range.trim(), weight: weight(parameters) }
    })
    .filter((entry) => entry.weight > 0)
    .sort((a, b) => b.weight - a.weight)
  for (const { range } of ranges) {
    if (range === '*') return fallback
    const locale = supported(range)
    if (locale !== undefined) return locale
  }
  return undefined
}

/**
 * The language of a page: `ui_locales` (OpenID Connect Core §3.1.2.1, space-separated, best first) if it names one we
 * have, else the browser's `Accept-Language` (RFC 9110 §12.5.4), else English. Malformed input never fails.
 */
export function chooseLocale(uiLocales: string | undefined, acceptLanguage: string | undefined): Locale {
  for (const tag of (uiLocales ?? '').split(/\s+/, longestList)) {
    const locale = supported(tag)
    if (locale !== undefined) return locale
  }
  return negotiate(acceptLanguage ?? '') ?? fallback
}
