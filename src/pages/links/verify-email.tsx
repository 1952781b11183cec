// `links` has the pages that links in mails open.

import { Alert, Button, Field, Form } from '../theme/form.tsx'
import { formAction } from '../theme/link.ts'
import { Name, renderPage } from '../theme/layout.tsx'
import { Notice } from '../theme/notice.tsx'
import { messages, type Locale } from '../messages/locale.ts'

interface PageForm {
  locale: Locale
  /** The URL that the form is sent to. */
  action: string
  csrf: string
}

export interface VerifyEmailProps extends PageForm {
  token: string
  email: string
  organisation: string
}

/** Asks to confirm the address. Posts `csrf` and `token`. */
export function verifyEmailPage({ locale, action, csrf, token, email, organisation }: VerifyEmailProps): string {
  const words = messages[locale].verifyEmail
  return renderPage({
    locale,
    title: words.title,
    children: (
      <>
        <div class="heading">
          <h1>{words.title}</h1>
          <p class="lead">{words.lead(<Name>{email}</Name>, <Name>{organisation}</Name>)}</p>
        </div>
        <Form action={action} hidden={{ csrf, token }}>
          <div class="actions">
            <Button id="verify" value="verify" kind="primary">
              {words.submit}
            </Button>
          </div>
        </Form>
      </>
    ),
  })
}

export interface VerifyCodeProps extends PageForm {
  email?: string | undefined
  error?: 'code' | 'csrf' | undefined
}

/** Asks for the code of the mail. Posts `email` and `code`, besides `csrf`. */
export function verifyCodePage({ locale, action, csrf, email, error }: VerifyCodeProps): string {
  const { errorPrefix, verifyEmail: words } = messages[locale]
  const summary = error === undefined ? undefined : 'error-summary'
  return renderPage({
    locale,
    title: `${error === undefined ? '' : `${errorPrefix}: `}${words.enterCode}`,
    children: (
      <>
        <div class="heading">
          <h1>{words.enterCode}</h1>
        </div>
        {error === undefined ? null : <Alert id="error-summary" {...words.errors[error]} />}
        <Form action={action} hidden={{ csrf }}>
          <Field name="email" label={words.email} value={email} autofocus invalid={false} summary={summary} />
          <Field
            name="code"
            label={words.code}
            hint={words.hint}
            autofocus={false}
            invalid={error === 'code'}
            summary={summary}
          />
          <div class="actions">
            <Button id="verify" value="verify" kind="primary">
              {words.submit}
            </Button>
          </div>
        </Form>
      </>
    ),
  })
}

/** The address is verified, now or before. */
export function emailVerifiedPage(locale: Locale): string {
  const { done } = messages[locale].verifyEmail
  return renderPage({
    locale,
    title: done.heading,
    children: (
      <>
        <Notice heading={done.heading} text={done.text} />
        <div class="actions">
          <a class="button primary" id="sign-in" href={formAction('/auth/login')}>
            {done.signIn}
          </a>
        </div>
      </>
    ),
  })
}
