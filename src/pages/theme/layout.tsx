// `pages/theme` holds what all pages share: layout, stylesheet, form elements, and how accounts and clients are shown.
// Every page works without JavaScript under `default-src 'none'; style-src 'sha256-…'`, plus `img-src` for logos.
// Props may contain text of attackers. Preact escapes it, `<bdi>` isolates its writing direction, and `link.ts` decides
// which URLs become links.
// Choosing the page, CSRF tokens, status codes and headers belong to the callers.

import type { ComponentChildren } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { direction, type Locale } from '../messages/locale.ts'
import { Logo } from './icons.tsx'
import { dark, light } from './palette.ts'
import { style } from './style.ts'

interface Layout {
  locale: Locale
  /** Plain text, for the browser tab and for screen readers. */
  title: string
  children: ComponentChildren
}

/** Removed from the title, which cannot contain `<bdi>`: they could reverse the text after a name. */
const bidiControls = /[\u202A-\u202E\u2066-\u2069]/gu

/** The whole HTML document. It sets no referrer policy: with `no-referrer`, browsers send `Origin: null`. */
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

/** An untrusted name: emphasised, with its writing direction isolated from the sentence. */
export const Name = ({ children }: { children: string }) => (
  <strong>
    <bdi>{children}</bdi>
  </strong>
)
