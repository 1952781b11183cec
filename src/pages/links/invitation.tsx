import { Alert, Button, Field, Form } from '../theme/form.tsx'
import { Name, renderPage } from '../theme/layout.tsx'
import { messages, type Locale } from '../messages/locale.ts'

export interface InvitationProps {
  locale: Locale
  /** The URL that the form is sent to. */
  action: string
  csrf: string
  token: string
  organisation: string
  /** The name of the user who invites. */
  invitedBy: string | undefined
  /** The address that was invited. It cannot be changed. */
  email: string
  /** What was entered in the previous attempt. */
  givenName?: string | undefined
  familyName?: string | undefined
  error?: 'missing' | 'password' | 'throttled' | 'csrf' | 'taken' | undefined
}

/** Accepting an invitation. Posts `given_name`, `family_name` and `new_password`, besides `csrf` and `token`. */
export function invitationPage(props: InvitationProps): string {
  const { locale, error, invitedBy, givenName, familyName } = props
  const { errorPrefix, invitation: words } = messages[locale]
  const organisation = <Name>{props.organisation}</Name>
  const summary = error === undefined ? undefined : 'error-summary'
  const lacks = (value: string | undefined) => error === 'missing' && value === undefined
  return renderPage({
    locale,
    title: `${error === undefined ? '' : `${errorPrefix}: `}${words.title} · ${props.organisation}`,
    children: (
      <>
        <div class="heading">
          <h1>{words.heading(organisation)}</h1>
          <p class="lead">
            {invitedBy === undefined ? words.lead(organisation) : words.leadBy(<Name>{invitedBy}</Name>, organisation)}
          </p>
        </div>
        {error === undefined ? null : <Alert id="error-summary" {...words.errors[error]} />}
        <Form action={props.action} hidden={{ csrf: props.csrf, token: props.token }}>
          <div class="field">
            <label for="email">{words.email}</label>
            <input id="email" type="email" value={props.email} autocomplete="username" readonly />
          </div>
          <Field
            name="given_name"
            label={words.givenName}
            value={givenName}
            autofocus={givenName === undefined}
            invalid={lacks(givenName)}
            summary={summary}
          />
          <Field
            name="family_name"
            label={words.familyName}
            value={familyName}
            autofocus={givenName !== undefined && familyName === undefined}
            invalid={lacks(familyName)}
            summary={summary}
          />
          <Field
            name="new_password"
            label={words.password}
            hint={words.passwordHint}
            autofocus={givenName !== undefined && familyName !== undefined}
            invalid={error === 'password' || error === 'missing'}
            summary={summary}
          />
          <div class="actions">
            <Button id="accept" value="accept" kind="primary">
              {words.submit}
            </Button>
          </div>
        </Form>
      </>
    ),
  })
}

/** The link of an invitation that cannot be accepted. */
export function invitationUnavailablePage(locale: Locale): string {
  const { errorPrefix, invitation: words } = messages[locale]
  return renderPage({
    locale,
    title: `${errorPrefix}: ${words.unavailable.heading}`,
    children: (
      <div class="heading">
        <h1>{words.unavailable.heading}</h1>
        <p class="lead">{words.unavailable.text}</p>
      </div>
    ),
  })
}
