import { errorPage, type ErrorProps } from './error.tsx'
import { chooseLocale, locales } from './locale.ts'

const PLACE = 'the-reference-comes-here'

/**
 * An error page rendered once for each language, for when there is no time: only the reference is put into it, which
 * must not be anything that HTML reads.
 */
export function readyMadeErrorPage(
  content: Omit<ErrorProps, 'locale' | 'reference'>,
): (reference: string, acceptLanguage: string | undefined) => string {
  const pages = new Map(locales.map((locale) => [locale, errorPage({ ...content, locale, reference: PLACE })]))
  return (reference, acceptLanguage) =>
    (pages.get(chooseLocale(undefined, acceptLanguage)) ?? '').replaceAll(PLACE, reference)
}
