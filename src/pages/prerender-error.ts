// `pages` holds the HTML pages of the server; each page is a pure function of its properties.
// `theme/` holds layout and form elements, `messages/` the texts by language, and `docs/` the API reference.
// Deciding which page to show belongs to the rooms that call them.

import { errorPage, type ErrorProps } from './error.tsx'
import { chooseLocale, locales } from './messages/locale.ts'

const REFERENCE_PLACEHOLDER = 'the-reference-comes-here'

/**
 * An error page rendered once for each language, for when there is no time: only the reference is put into it, which
 * must not be anything that HTML reads.
 */
export function prerenderErrorPage(
  content: Omit<ErrorProps, 'locale' | 'reference'>,
): (reference: string, acceptLanguage: string | undefined) => string {
  const pages = new Map(
    locales.map((locale) => [locale, errorPage({ ...content, locale, reference: REFERENCE_PLACEHOLDER })]),
  )
  return (reference, acceptLanguage) =>
    (pages.get(chooseLocale(undefined, acceptLanguage)) ?? '').replaceAll(REFERENCE_PLACEHOLDER, reference)
}
