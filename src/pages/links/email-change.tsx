import { Button, Form } from '../theme/form.tsx'
import { Name, renderPage } from '../theme/layout.tsx'
import { Notice } from '../theme/notice.tsx'
import { messages, type Locale } from '../messages/locale.ts'

export interface EmailChangeProps {
  locale: Locale
  /** The URL that the form is sent to. */
  action: string
  csrf: string
  token: string
  /** Whether the change is confirmed or undone. */
  kind: 'confirm' | 'undo'
  /** The present address. */
  from: string
  /** The address that the account gets. */
  to: string
}

/** Asks to confirm or undo a change of the address. Posts `csrf` and `token`. */
export function emailChangePage({ locale, action, csrf, token, kind, from, to }: EmailChangeProps): string {
  const words = messages[locale].emailChange[kind]
  return renderPage({
    locale,
    title: words.title,
    children: (
      <>
        <div class="heading">
          <h1>{words.title}</h1>
          <p class="lead">{words.lead(<Name>{from}</Name>, <Name>{to}</Name>)}</p>
        </div>
        <Form action={action} hidden={{ csrf, token }}>
          <div class="actions">
            <Button id="confirm" value="confirm" kind="primary">
              {words.submit}
            </Button>
          </div>
        </Form>
      </>
    ),
  })
}

/** The account has the new address. */
export function emailChangedPage({ locale, email }: { locale: Locale; email: string }): string {
  const { done } = messages[locale].emailChange
  return renderPage({
    locale,
    title: done.title,
    children: (
      <div class="heading">
        <h1>{done.title}</h1>
        <p class="lead">{done.lead(<Name>{email}</Name>)}</p>
      </div>
    ),
  })
}

/** Another account has the address. */
export function emailTakenPage(locale: Locale): string {
  const { errorPrefix, emailChange } = messages[locale]
  return renderPage({
    locale,
    title: `${errorPrefix}: ${emailChange.taken.heading}`,
    children: <Notice {...emailChange.taken} />,
  })
}
