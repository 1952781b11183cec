import type { ComponentChildren } from 'preact'
import { Alert, Button, Checkbox, Field, Form } from '../theme/form.tsx'
import { formAction } from '../theme/link.ts'
import { renderPage } from '../theme/layout.tsx'
import { Notice } from '../theme/notice.tsx'
import { messages, type Locale } from '../messages/locale.ts'

export interface ResetPasswordProps {
  locale: Locale
  /** The URL that the form is sent to. */
  action: string
  csrf: string
  token: string
  request?: string | undefined
  /** The address of the account. */
  email: string
  /** The names of the API keys of the user. */
  apiKeys: readonly string[]
  /** The names of the passkeys of the user. */
  passkeys: readonly string[]
  /** Whether the link was requested in another browser. */
  otherBrowser: boolean
  error?: 'password' | 'throttled' | 'csrf' | undefined
}

interface OtherWaysProps {
  names: readonly string[]
  text: string
  children: ComponentChildren
}

/** Other ways into the account, which another person may have added. */
const OtherWays = ({ names, text, children }: OtherWaysProps) =>
  names.length === 0 ? null : (
    <div class="panel">
      <p>{text}</p>
      <ul class="names">
        {names.map((name) => (
          <li>
            <bdi>{name}</bdi>
          </li>
        ))}
      </ul>
      {children}
    </div>
  )

/**
 * Chooses another password. Posts `new_password`, `revoke_api_keys` and `remove_passkeys`, besides `csrf`, `token`
 * and `request`.
 */
export function resetPasswordPage(props: ResetPasswordProps): string {
  const { locale, action, csrf, token, request, email, apiKeys, passkeys, otherBrowser, error } = props
  const { errorPrefix, resetPassword: words } = messages[locale]
  return renderPage({
    locale,
    title: `${error === undefined ? '' : `${errorPrefix}: `}${words.title}`,
    children: (
      <>
        <div class="heading">
          <h1>{words.title}</h1>
          <p class="lead">{words.lead}</p>
        </div>
        {otherBrowser ? <p class="panel">{words.otherBrowser}</p> : null}
        {error === undefined ? null : <Alert id="error-summary" {...words.errors[error]} />}
        <Form action={action} hidden={{ csrf, token, request }}>
          <div class="field">
            <label for="email">{words.email}</label>
            <input id="email" type="email" value={email} autocomplete="username" readonly />
          </div>
          <Field
            name="new_password"
            label={words.password}
            hint={words.passwordHint}
            autofocus
            invalid={error === 'password'}
            summary={error === undefined ? undefined : 'error-summary'}
          />
          <OtherWays names={passkeys} text={words.passkeys}>
            <Checkbox name="remove_passkeys" label={words.removePasskeys} />
          </OtherWays>
          <OtherWays names={apiKeys} text={words.apiKeys}>
            <Checkbox name="revoke_api_keys" label={words.revokeApiKeys} />
          </OtherWays>
          <div class="actions">
            <Button id="set-password" value="set-password" kind="primary">
              {words.submit}
            </Button>
          </div>
        </Form>
      </>
    ),
  })
}

/** After a reset. `signInUrl` continues what the user had started. */
export function passwordResetPage({ locale, signInUrl }: { locale: Locale; signInUrl: string }): string {
  const { done } = messages[locale].resetPassword
  return renderPage({
    locale,
    title: done.heading,
    children: (
      <>
        <Notice {...done} />
        <div class="actions">
          <a class="button primary" id="sign-in" href={formAction(signInUrl)}>
            {done.signIn}
          </a>
        </div>
      </>
    ),
  })
}

/** A link or code that does not work any more. */
export function linkUnavailablePage(locale: Locale): string {
  const { errorPrefix, linkUnavailable: words } = messages[locale]
  return renderPage({
    locale,
    title: `${errorPrefix}: ${words.heading}`,
    children: <Notice {...words} />,
  })
}

export interface SecureAccountProps {
  locale: Locale
  action: string
  csrf: string
  token: string
  error?: 'csrf' | undefined
}

/** Closes the account for everyone, after a change that the user did not make. Posts `csrf` and `token`. */
export function secureAccountPage({ locale, action, csrf, token, error }: SecureAccountProps): string {
  const { errorPrefix, secureAccount: words } = messages[locale]
  return renderPage({
    locale,
    title: `${error === undefined ? '' : `${errorPrefix}: `}${words.heading}`,
    children: (
      <>
        <Notice heading={words.heading} text={words.text} />
        {error === undefined ? null : <Alert id="error-summary" {...words.errors[error]} />}
        <Form action={action} hidden={{ csrf, token }}>
          <div class="actions">
            <Button id="secure" value="secure" kind="primary">
              {words.submit}
            </Button>
          </div>
        </Form>
      </>
    ),
  })
}
