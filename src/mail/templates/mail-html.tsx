import { renderToString } from 'preact-render-to-string'
import { direction, type Locale } from '../../pages/messages/locale.ts'
import { dark, light } from '../../pages/theme/palette.ts'
import type { MailContent } from './mail-content.ts'

const FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
const MONOSPACE = "ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace"

// Programs that know no style sheets show the inline colours, which are light. The others prefer these in the dark.
const darkStyle = `@media (prefers-color-scheme: dark) {
.ground { background: ${dark.ground} !important; }
.card { background: ${dark.card} !important; border-color: ${dark.line} !important; }
.ink { color: ${dark.ink} !important; }
.muted { color: ${dark.muted} !important; }
.inset { background: ${dark.inset} !important; border-color: ${dark.line} !important; color: ${dark.ink} !important; }
.button { background: ${dark.accent} !important; }
.button a { color: ${dark.onAccent} !important; }
.link { color: ${dark.accent} !important; }
}`

const text = `margin:0 0 16px;font:400 16px/24px ${FONT};color:${light.ink}`
const note = `margin:0 0 8px;font:400 14px/20px ${FONT};color:${light.muted}`

interface MailLayout {
  locale: Locale
  content: MailContent
  /** Introduces the address of the button. */
  addressOfButton: string
  footer: string
}

/** The HTML of a mail: tables and inline styles, which every mail program knows, without images. Text is escaped. */
export function mailHtml({ locale, content, addressOfButton, footer }: MailLayout): string {
  const { subject, heading, paragraphs, button, code, notes } = content
  const table = { role: 'presentation', cellpadding: '0', cellspacing: '0', border: 0 } as const
  const mail = (
    <html lang={locale} dir={direction[locale]}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <meta name="format-detection" content="telephone=no,date=no,address=no" />
        <title>{subject}</title>
        <style dangerouslySetInnerHTML={{ __html: darkStyle }} />
      </head>
      <body class="ground" style={`margin:0;padding:0;background:${light.ground}`}>
        <table {...table} width="100%" class="ground" style={`background:${light.ground}`}>
          <tr>
            <td align="center" style="padding:24px 12px">
              <table {...table} width="100%" style="max-width:520px">
                <tr>
                  <td
                    class="card"
                    style={`padding:32px 28px;background:${light.card};border:1px solid ${light.line};border-radius:16px;word-break:break-word`}
                  >
                    <h1 class="ink" style={`margin:0 0 16px;font:650 24px/30px ${FONT};color:${light.ink}`}>
                      {heading}
                    </h1>
                    {paragraphs.map((paragraph) => (
                      <p class="ink" style={text}>
                        {paragraph}
                      </p>
                    ))}
                    {button === undefined ? null : (
                      <table {...table} style="margin:8px 0 24px">
                        <tr>
                          <td class="button" style={`background:${light.accent};border-radius:10px`}>
                            <a
                              href={button.link}
                              style={`display:inline-block;padding:13px 24px;font:600 16px/22px ${FONT};color:${light.onAccent};text-decoration:none`}
                            >
                              {button.label}
                            </a>
                          </td>
                        </tr>
                      </table>
                    )}
                    {code === undefined ? null : (
                      <>
                        <p class="ink" style={text}>
                          {code.label}
                        </p>
                        <p
                          class="inset"
                          style={`margin:0 0 24px;padding:14px 16px;font:600 24px/30px ${MONOSPACE};letter-spacing:3px;text-align:center;color:${light.ink};background:${light.inset};border:1px solid ${light.line};border-radius:10px`}
                        >
                          {code.value}
                        </p>
                      </>
                    )}
                    {notes.map((sentence) => (
                      <p class="muted" style={note}>
                        {sentence}
                      </p>
                    ))}
                    {button === undefined ? null : (
                      <p class="muted" style={`${note};margin:16px 0 0`}>
                        {addressOfButton}{' '}
                        <a class="link" href={button.link} style={`color:${light.accent};word-break:break-all`}>
                          {button.link}
                        </a>
                      </p>
                    )}
                  </td>
                </tr>
                <tr>
                  <td align="center" style="padding:16px 12px 0">
                    <p class="muted" style={`margin:0;font:400 13px/18px ${FONT};color:${light.muted}`}>
                      {footer}
                    </p>
                  </td>
                </tr>
              </table>
            </td>
          </tr>
        </table>
      </body>
    </html>
  )
  return `<!doctype html>${renderToString(mail)}`
}
