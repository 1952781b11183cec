import { type ClientDisplay } from './theme/client-display.tsx'
import { Name, renderPage } from './theme/layout.tsx'
import { formAction } from './theme/link.ts'
import { messages, type Locale } from './messages/locale.ts'

export interface RecoveryCodesProps {
  locale: Locale
  codes: readonly string[]
  /** Where the user goes on. */
  next: string
  client?: ClientDisplay | undefined
}

/** The recovery codes of a user who has just set up a second factor. They are shown once. */
export function recoveryCodesPage({ locale, codes, next, client }: RecoveryCodesProps): string {
  const words = messages[locale].recoveryCodes
  return renderPage({
    locale,
    title: words.title,
    children: (
      <>
        <div class="heading">
          <h1>{words.title}</h1>
          <p class="lead">{words.lead}</p>
        </div>
        <ul class="codes">
          {codes.map((code) => (
            <li>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <p class="quiet">{words.advice}</p>
        <div class="actions">
          <a class="button primary" id="continue" href={formAction(next)}>
            <span>{client === undefined ? words.proceed : words.proceedTo(<Name>{client.name}</Name>)}</span>
          </a>
        </div>
      </>
    ),
  })
}
