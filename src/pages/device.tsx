import { ClientLogo, type ClientDisplay } from './theme/client-display.tsx'
import { Alert, Button, Field, Form } from './theme/form.tsx'
import { Name, renderPage } from './theme/layout.tsx'
import { messages, type Locale } from './messages/locale.ts'

export interface DeviceProps {
  locale: Locale
  action: string
  csrf: string
  /** The code to fill in: from `verification_uri_complete`, or that of the previous attempt. */
  userCode?: string | undefined
  error?: 'unknown' | 'throttled' | 'csrf' | undefined
}

/** The page at `verification_uri` (RFC 8628 §3.3). Posts `user_code`. The user compares a code that is filled in. */
export function devicePage({ locale, action, csrf, userCode, error }: DeviceProps): string {
  const { errorPrefix, device: words } = messages[locale]
  return renderPage({
    locale,
    title: `${error === undefined ? '' : `${errorPrefix}: `}${words.title}`,
    children: (
      <>
        <div class="heading">
          <h1>{words.title}</h1>
          <p class="lead">{userCode === undefined || error !== undefined ? words.lead : words.compare}</p>
        </div>
        {error === undefined ? null : <Alert id="error-summary" {...words.errors[error]} />}
        <Form action={action} hidden={{ csrf }}>
          <Field
            name="user_code"
            label={words.code}
            value={userCode}
            autofocus
            invalid={error === 'unknown'}
            summary={error === undefined ? undefined : 'error-summary'}
          />
          <p class="quiet">{words.warning}</p>
          <div class="actions">
            <Button id="continue" value="continue" kind="primary">
              {words.submit}
            </Button>
          </div>
        </Form>
      </>
    ),
  })
}

export interface DeviceOutcomeProps {
  locale: Locale
  outcome: 'approved' | 'denied' | 'unusable'
  client: ClientDisplay
}

/** The last page of the device flow in the browser. */
export function deviceOutcomePage({ locale, outcome, client }: DeviceOutcomeProps): string {
  const words = messages[locale].device.outcomes[outcome]
  return renderPage({
    locale,
    title: words.title,
    children: (
      <div class="heading">
        <ClientLogo client={client} />
        <h1>{words.title}</h1>
        <p class="lead">{words.lead(<Name>{client.name}</Name>)}</p>
      </div>
    ),
  })
}
