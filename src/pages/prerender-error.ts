// `pages` holds the HTML pages of the server; each page is a pure function of its properties.
// `theme/` holds layout and form elements, `messages/` the texts by language, and
// `api-reference/` the frame of the API reference.
// Deciding which page to show belongs to the rooms that call them.

import { errorPage, type ErrorProps } from './error.tsx'
import { chooseLocale, locales } from './messages/locale.ts'

const REFERENCE_PLACEHOLDER = 'REFERENCE_PLACEHOLDER'

/**
 * Renders an error page once per language, for responses under overload. The returned function inserts the reference
 * without escaping it: the reference must not contain HTML characters.
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
