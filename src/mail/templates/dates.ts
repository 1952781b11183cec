import type { Locale } from '../../pages/messages/locale.ts'

/** A date and time for a reader whose time zone is not known. */
export function formatTime(locale: Locale, iso: string): string {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
  return `${format.format(new Date(iso))} UTC`
}
