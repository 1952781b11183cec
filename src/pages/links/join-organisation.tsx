import { Account, type AccountDisplay } from '../theme/account.tsx'
import { Alert, Button, Form } from '../theme/form.tsx'
import { Name, renderPage } from '../theme/layout.tsx'
import { formAction } from '../theme/link.ts'
import { messages, type Locale } from '../messages/locale.ts'

export interface JoinOrganisationProps {
  locale: Locale
  /** The URL that the form is sent to. */
  action: string
  csrf: string
  token: string
  organisation: string
  /** The address that was invited. */
  email: string
  /** The account of the address, if it is signed in in this browser, and its organisation. */
  visitor: { account: AccountDisplay; organisation: string } | undefined
  /** The sign-in page, which returns to this one. */
  signInUrl: string
  error?: 'csrf' | 'member' | undefined
}

/** Accepting an invitation with an account that exists. Posts `action` = `join`, besides `csrf` and `token`. */
export function joinOrganisationPage(props: JoinOrganisationProps): string {
  const { locale, error, visitor } = props
  const { errorPrefix, joinOrganisation: words } = messages[locale]
  const organisation = <Name>{props.organisation}</Name>
  return renderPage({
    locale,
    title: `${error === undefined ? '' : `${errorPrefix}: `}${words.title} · ${props.organisation}`,
    children: (
      <>
        <div class="heading">
          <h1>{words.heading(organisation)}</h1>
          <p class="lead">
            {visitor === undefined ? words.leadSignIn(<Name>{props.email}</Name>) : words.lead(organisation)}
          </p>
        </div>
        {error === undefined ? null : <Alert id="error-summary" {...words.errors[error]} />}
        {visitor === undefined ? (
          <div class="actions">
            <a class="button primary" id="sign-in" href={formAction(props.signInUrl)}>
              {words.signIn}
            </a>
          </div>
        ) : (
          <>
            <Account account={visitor.account} organisation={visitor.organisation} locale={locale} />
            <Form action={props.action} hidden={{ csrf: props.csrf, token: props.token }}>
              <div class="actions">
                <Button id="join" value="join" kind="primary">
                  {words.submit}
                </Button>
              </div>
            </Form>
          </>
        )}
      </>
    ),
  })
}

/** Shown when the user has joined. */
export function joinedOrganisationPage({ locale, organisation }: { locale: Locale; organisation: string }): string {
  const words = messages[locale].joinOrganisation
  return renderPage({
    locale,
    title: words.done.title,
    children: (
      <div class="heading">
        <h1>{words.done.title}</h1>
        <p class="lead">{words.done.lead(<Name>{organisation}</Name>)}</p>
      </div>
    ),
  })
}
