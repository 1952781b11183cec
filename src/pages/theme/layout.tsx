/*
 * What people see: each page is a pure function from its props to a whole HTML document, in the person's language,
 * that works without JavaScript under `default-src 'none'; style-src 'sha256-…'` (plus `img-src` for a client's logo).
 * Everything in the props may have been chosen by a stranger: Preact escapes it, `<bdi>` keeps it from reordering the
 * words around it, `link.ts` decides what becomes an address.
 * Left to the callers: deciding which page is due, CSRF tokens, status codes and headers (the hashes for the policy
 * are exported by `style.ts` and `form-post.tsx`).
 */
import type { ComponentChildren } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { direction, type Locale } from '../messages/locale.ts'
import { Logo } from './icons.tsx'
import { dark, light } from './palette.ts'
import { style } from './style.ts'

interface Layout {
  locale: Locale
  /** Plain text for the tab; also the first thing a screen reader says. */
  title: string
  children: ComponentChildren
}

/** A tab's title has no `<bdi>`: these could turn around the words of ours that follow a name. */
const bidiControls = /[\u202A-\u202E\u2066-\u2069]/gu

/** The whole document, beginning `<!doctype html>`. No referrer policy here: `no-referrer` would blank `Origin`. */
export function renderPage({ locale, title, children }: Layout): string {
  const plainTitle = title.replaceAll(bidiControls, '')
  const page = (
    <html lang={locale} dir={direction[locale]}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="theme-color" media="(prefers-color-scheme: light)" content={light.card} />
        <meta name="theme-color" media="(prefers-color-scheme: dark)" content={dark.card} />
        <meta name="robots" content="noindex" />
        <meta name="format-detection" content="telephone=no" />
        <title>{plainTitle}</title>
        <style dangerouslySetInnerHTML={{ __html: style }} />
      </head>
      <body>
        <div class="card">
          <div class="brand">
            <Logo />
            <span>Cerberus</span>
          </div>
          <main>{children}</main>
        </div>
      </body>
    </html>
  )
  return `<!doctype html>${renderToString(page)}`
}

/** A name that someone else chose: emphasised, and isolated from the direction of our sentence. */
export const Name = ({ children }: { children: string }) => (
  <strong>
    <bdi>{children}</bdi>
  </strong>
)
