import { de } from './de.ts'
import { en } from './en.ts'
import type { Messages } from './messages.ts'

/** The languages of the pages, as BCP 47 primary subtags. The metadata lists them as `ui_locales_supported`. */
export const locales = ['en', 'de'] as const
export type Locale = (typeof locales)[number]

export const messages: Readonly<Record<Locale, Messages>> = { en, de }
export const direction: Readonly<Record<Locale, 'ltr' | 'rtl'>> = { en: 'ltr', de: 'ltr' }

const DEFAULT_LOCALE: Locale = 'en'

/** Further language ranges are ignored. */
const MAX_LANGUAGE_RANGES = 32

/** RFC 4647 §3.4 for languages without subtags: `de-CH-1996` matches `de`. */
function supportedLocale(range: string): Locale | undefined {
  const primary = range.trim().split('-', 1)[0]?.toLowerCase()
  return locales.find((locale) => locale === primary)
}

/** RFC 9110 §12.4.2: at most three decimals. A malformed weight counts as 0. */
function parseWeight(parameters: readonly string[]): number {
  const q = parameters.map((parameter) => parameter.trim()).find((parameter) => /^q=/i.test(parameter))
  if (q === undefined) return 1
  return /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/i.test(q) ? Number(q.slice(2)) : 0
}

/**
 * The languages of the user in order of preference, as language ranges (RFC 4647 §2.1): `ui_locales` (OpenID Connect Core
 * §3.1.2.1, separated by spaces), then `Accept-Language` (RFC 9110 §12.5.4). Malformed entries are ignored.
 */
export function preferredLanguages(uiLocales: string | undefined, acceptLanguage: string | undefined): string[] {
  const requested = (uiLocales ?? '').split(/\s+/, MAX_LANGUAGE_RANGES).filter((tag) => tag !== '')
  const accepted = (acceptLanguage ?? '')
    .split(',', MAX_LANGUAGE_RANGES)
    .map((entry) => {
      const [range = '', ...parameters] = entry.split(';')
      return { range: range.trim(), weight: parseWeight(parameters) }
    })
    .filter((entry) => entry.range !== '' && entry.weight > 0)
    .sort((a, b) => b.weight - a.weight)
  return [...requested, ...accepted.map(({ range }) => range)]
}

/** The language of a page: the first preferred language that is supported, or English. See `preferredLanguages`. */
export function chooseLocale(uiLocales: string | undefined, acceptLanguage: string | undefined): Locale {
  for (const range of preferredLanguages(uiLocales, acceptLanguage)) {
    if (range === '*') return DEFAULT_LOCALE
    const locale = supportedLocale(range)
    if (locale !== undefined) return locale
  }
  return DEFAULT_LOCALE
}

/** Longer language ranges are ignored. */
const MAX_RANGE_LENGTH = 50

/**
 * The value for the first language that has one, by lookup (RFC 4647 §3.4): `de-CH-1996` also matches `de`. Returns
 * undefined if no language has a value. `*` is ignored.
 */
export function lookupByLanguage<Value>(
  byTag: ReadonlyMap<string, Value>,
  languages: readonly string[],
): Value | undefined {
  for (const language of languages) {
    let range = language.length > MAX_RANGE_LENGTH ? '' : language.toLowerCase()
    while (range !== '') {
      const found = byTag.get(range)
      if (found !== undefined) return found
      // A single-character subtag is removed together with the subtag that it introduces.
      range = range.includes('-') ? range.replace(/(-[^-])?-[^-]*$/, '') : ''
    }
  }
  return undefined
}
