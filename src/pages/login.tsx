import { ClientLinks, ClientLogo, type ClientDisplay } from './theme/client-display.tsx'
import { Alert, Button, Checkbox, Field, Form } from './theme/form.tsx'
import { formAction } from './theme/link.ts'
import { PasskeyButton, PasskeyScript } from './passkeys/passkey-button.tsx'
import { Name, renderPage } from './theme/layout.tsx'
import { messages, type Locale } from './messages/locale.ts'

export interface LoginProps {
  locale: Locale
  /** The URL that the form is sent to. */
  action: string
  csrf: string
  /** The pending authorization request. Without one, the page has no cancel button. */
  request?: string | undefined
  client?: ClientDisplay | undefined
  organisation?: string | undefined
  /** Whether the user may choose to stay signed in. */
  offersStaySignedIn?: boolean
  /** The email address to fill in: `login_hint`, or that of the previous attempt. */
  email?: string | undefined
  /** What the browser needs to sign in with a passkey. Undefined where none is possible. */
  passkeyOptions?: unknown
  /** The page to return to on this server. */
  returnTo?: string | undefined
  error?:
    | 'credentials'
    | 'passkey'
    | 'passkeyExpired'
    | 'missing'
    | 'throttled'
    | 'csrf'
    | 'unavailable'
    | 'organisationClosed'
    | undefined
  /** Where the user asks for another password. Undefined where the server sends no mail. */
  forgotPasswordUrl?: string | undefined
  /** `reauthenticate`: the user has a session, but must enter the password again (`prompt=login`, `max_age`). */
  reason?: 'reauthenticate' | undefined
}

/**
 * Sign-in. Posts `email`, `password`, `stay_signed_in` and `action` = `sign-in` or `cancel`, besides `csrf`,
 * `request` and `return_to`. With `action` = `passkey`, it posts `credential` instead of the first two.
 */
export function loginPage(props: LoginProps): string {
  const { locale, client, organisation, error } = props
  const { errorPrefix, login: words } = messages[locale]
  const email = props.email === '' ? undefined : props.email
  const summary = error === undefined ? undefined : 'error-summary'
  const offersPasskeys = props.passkeyOptions !== undefined
  const missing = error === 'missing'
  const mismatch = error === 'credentials'
  const confirming = props.reason === 'reauthenticate'
  const heading = confirming ? words.confirm : words.title
  const about = client?.name ?? organisation
  const application = client === undefined ? undefined : <Name>{client.name}</Name>

  return renderPage({
    locale,
    title: `${error === undefined ? '' : `${errorPrefix}: `}${heading}${about === undefined ? '' : ` · ${about}`}`,
    children: (
      <>
        <div class="heading">
          <ClientLogo client={client} />
          <h1>{confirming || application === undefined ? heading : words.headingFor(application)}</h1>
          {confirming ? (
            <p class="lead">{application === undefined ? words.confirmLead : words.confirmLeadFor(application)}</p>
          ) : null}
          {organisation === undefined ? null : <p class="lead">{words.organisation(<Name>{organisation}</Name>)}</p>}
        </div>
        {error === undefined ? null : <Alert id="error-summary" {...words.errors[error]} />}
        <Form
          action={props.action}
          hidden={{ csrf: props.csrf, request: props.request, return_to: props.returnTo }}
          passkey={offersPasskeys ? { kind: 'get', options: props.passkeyOptions, autofill: true } : undefined}
        >
          <Field
            name="email"
            label={words.email}
            value={email}
            autofocus={email === undefined}
            invalid={mismatch || (missing && email === undefined)}
            problem={missing && email === undefined ? words.emailMissing : undefined}
            summary={summary}
            offersPasskeys={offersPasskeys}
          />
          <Field
            name="password"
            label={words.password}
            autofocus={email !== undefined}
            invalid={mismatch || missing}
            problem={missing ? words.passwordMissing : undefined}
            summary={summary}
          />
          {props.offersStaySignedIn ? <Checkbox name="stay_signed_in" label={words.staySignedIn} /> : null}
          <div class="actions">
            <Button id="sign-in" value="sign-in" kind="primary">
              {words.submit}
            </Button>
            {offersPasskeys ? <PasskeyButton locale={locale} label={messages[locale].passkeys.signIn} /> : null}
            {props.request === undefined ? null : (
              <Button id="cancel" value="cancel" skipValidation>
                {words.cancel}
              </Button>
            )}
          </div>
        </Form>
        {props.forgotPasswordUrl === undefined ? null : (
          <p>
            <a id="forgot-password" href={formAction(props.forgotPasswordUrl)}>
              {words.forgot}
            </a>
          </p>
        )}
        <ClientLinks client={client} locale={locale} />
        {offersPasskeys ? <PasskeyScript /> : null}
      </>
    ),
  })
}
