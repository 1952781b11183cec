import { errorPage, type ErrorProps } from './error.tsx'
import { locales, type Locale } from './locale.ts'

const PLACE = 'the-reference-comes-here'

/** An error page rendered once for each language, for when there is no time: only the reference is put into it. */
export function readyMadeErrorPage(
  content: Omit<ErrorProps, 'locale' | 'reference'>,
): (locale: Locale, reference: string) => string {
  const pages = new Map(locales.map((locale) => [locale, errorPage({ ...content, locale, reference: PLACE })]))
  return (locale, reference) => (pages.get(locale) ?? '').replaceAll(PLACE, reference)
}
