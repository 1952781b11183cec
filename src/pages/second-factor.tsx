import { ClientLinks, ClientLogo, type ClientDisplay } from './theme/client-display.tsx'
import { Alert, Button, Field, Form } from './theme/form.tsx'
import { PasskeyButton, PasskeyScript } from './passkeys/passkey-button.tsx'
import { Name, renderPage } from './theme/layout.tsx'
import { QrCode } from './theme/qr-code.tsx'
import { messages, type Locale } from './messages/locale.ts'

export interface SecondFactorProps {
  locale: Locale
  /** The URL that the form is sent to. */
  action: string
  csrf: string
  /** The pending sign-in. */
  signIn: string
  /** The pending authorization request. */
  request?: string | undefined
  client?: ClientDisplay | undefined
  email: string
  /** The authenticator app to set up; undefined: the user has one. */
  enrolment?: { secret: string; uri: string } | undefined
  /** Whether the user has an authenticator app, or sets one up here. */
  asksForCode: boolean
  /** What the browser needs to use a passkey of the user. Undefined if they have none. */
  passkeyOptions?: unknown
  returnTo?: string | undefined
  error?: 'code' | 'passkey' | 'missing' | 'throttled' | 'csrf' | undefined
}

/**
 * The second factor. Posts `code` and `action` = `verify` or `cancel`, besides `csrf`, `sign_in`, `request` and `return_to`. With
 * `action` = `passkey`, it posts `credential`.
 */
export function secondFactorPage(props: SecondFactorProps): string {
  const { locale, client, enrolment, error, request } = props
  const { errorPrefix, secondFactor: words, passkeys } = messages[locale]
  const { asksForCode, passkeyOptions } = props
  const lead = asksForCode ? words.lead : passkeys.useLead
  const summary = error === undefined ? undefined : 'error-summary'
  const verifying = asksForCode ? words.title : passkeys.use
  const heading = enrolment === undefined ? verifying : words.enrol.title
  return renderPage({
    locale,
    title: `${error === undefined ? '' : `${errorPrefix}: `}${heading}${client === undefined ? '' : ` · ${client.name}`}`,
    children: (
      <>
        <div class="heading">
          <ClientLogo client={client} />
          <h1>{heading}</h1>
          <p class="lead">{enrolment === undefined ? lead(<Name>{props.email}</Name>) : words.enrol.lead}</p>
        </div>
        {error === undefined ? null : <Alert id="error-summary" {...words.errors[error]} />}
        {enrolment === undefined ? null : (
          <ol class="steps">
            <li>{words.enrol.install}</li>
            <li>
              {words.enrol.scan}
              <QrCode text={enrolment.uri} label={words.enrol.qrCode} />
              {enrolment.uri.startsWith('otpauth:') ? (
                <p class="quiet">
                  <a href={enrolment.uri}>{words.enrol.open}</a>
                </p>
              ) : null}
              <p class="quiet">
                {words.enrol.typeIn} <code>{groupsOfFour(enrolment.secret)}</code>
              </p>
            </li>
            <li>{words.enrol.enter}</li>
          </ol>
        )}
        <Form
          action={props.action}
          hidden={{ csrf: props.csrf, sign_in: props.signIn, request, return_to: props.returnTo }}
          passkey={passkeyOptions === undefined ? undefined : { kind: 'get', options: passkeyOptions }}
        >
          {asksForCode ? (
            <Field
              name="code"
              label={words.code}
              hint={enrolment === undefined ? words.codeHint : undefined}
              autofocus={enrolment === undefined || error !== undefined}
              invalid={error === 'code' || error === 'missing'}
              summary={summary}
            />
          ) : (
            <noscript>
              <p>{passkeys.needsScript}</p>
            </noscript>
          )}
          <div class="actions">
            {asksForCode ? (
              <Button id="verify" value="verify" kind="primary">
                {words.submit}
              </Button>
            ) : null}
            {passkeyOptions === undefined ? null : (
              <PasskeyButton locale={locale} label={passkeys.use} kind={asksForCode ? 'plain' : 'primary'} />
            )}
            <Button id="cancel" value="cancel" skipValidation>
              {words.cancel}
            </Button>
          </div>
        </Form>
        <ClientLinks client={client} locale={locale} />
        {passkeyOptions === undefined ? null : <PasskeyScript />}
      </>
    ),
  })
}

function groupsOfFour(secret: string): string {
  return secret.replaceAll(/.{4}(?=.)/g, '$& ')
}
