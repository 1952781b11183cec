import { Alert, Button, Field, Form } from '../theme/form.tsx'
import { Name, renderPage } from '../theme/layout.tsx'
import { Notice } from '../theme/notice.tsx'
import { messages, type Locale } from '../messages/locale.ts'

export interface ForgotPasswordProps {
  locale: Locale
  /** The URL that the form is sent to. */
  action: string
  csrf: string
  /** The pending authorization request, which continues after the reset. */
  request?: string | undefined
  email?: string | undefined
  error?: 'missing' | 'throttled' | 'csrf' | undefined
}

/** Asks for the address of a forgotten password. Posts `email`, besides `csrf` and `request`. */
export function forgotPasswordPage({ locale, action, csrf, request, email, error }: ForgotPasswordProps): string {
  const { errorPrefix, forgotPassword: words } = messages[locale]
  return renderPage({
    locale,
    title: `${error === undefined ? '' : `${errorPrefix}: `}${words.title}`,
    children: (
      <>
        <div class="heading">
          <h1>{words.title}</h1>
          <p class="lead">{words.lead}</p>
        </div>
        {error === undefined ? null : <Alert id="error-summary" {...words.errors[error]} />}
        <Form action={action} hidden={{ csrf, request }}>
          <Field
            name="email"
            label={words.email}
            value={email}
            autofocus
            invalid={error === 'missing'}
            summary={error === undefined ? undefined : 'error-summary'}
          />
          <div class="actions">
            <Button id="send" value="send" kind="primary">
              {words.submit}
            </Button>
          </div>
        </Form>
      </>
    ),
  })
}

export interface ResetCodeProps extends Omit<ForgotPasswordProps, 'error'> {
  email: string
  error?: 'code' | 'throttled' | 'csrf' | undefined
}

/** Says that a mail was sent, whether or not the address has an account. Posts `email` and `code`, besides `csrf` and `request`. */
export function resetCodePage({ locale, action, csrf, request, email, error }: ResetCodeProps): string {
  const { errorPrefix, resetCode: words } = messages[locale]
  return renderPage({
    locale,
    title: `${error === undefined ? '' : `${errorPrefix}: `}${words.title}`,
    children: (
      <>
        <div class="heading">
          <h1>{words.title}</h1>
          <p class="lead">{words.lead(<Name>{email}</Name>)}</p>
        </div>
        {error === undefined ? null : <Alert id="error-summary" {...words.errors[error]} />}
        <Form action={action} hidden={{ csrf, request, email }}>
          <Field
            name="code"
            label={words.code}
            hint={words.hint}
            autofocus={error !== undefined}
            invalid={error === 'code'}
            summary={error === undefined ? undefined : 'error-summary'}
          />
          <div class="actions">
            <Button id="continue" value="code" kind="primary">
              {words.submit}
            </Button>
          </div>
        </Form>
        <p class="quiet">{words.nothing}</p>
      </>
    ),
  })
}

/** The page of a server that sends no mail. */
export function noMailPage(locale: Locale): string {
  const { title, noMail } = messages[locale].forgotPassword
  return renderPage({ locale, title, children: <Notice heading={title} text={noMail} /> })
}
