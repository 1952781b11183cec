import { Account, type AccountDisplay } from './theme/account.tsx'
import { Button, Form } from './theme/form.tsx'
import { Name, renderPage } from './theme/layout.tsx'
import { messages, type Locale } from './messages/locale.ts'

export interface SignedInProps {
  locale: Locale
  account: AccountDisplay
  organisation: string
  /** The URL that the sign-out form is sent to. */
  signOutAction: string
  csrf: string
}

/** Shown after a sign-in without a pending authorization request. */
export function signedInPage({ locale, account, organisation, signOutAction, csrf }: SignedInProps): string {
  const words = messages[locale].signedIn
  return renderPage({
    locale,
    title: words.title,
    children: (
      <>
        <div class="heading">
          <h1>{words.title}</h1>
          <p class="lead">{words.lead(<Name>{organisation}</Name>)}</p>
        </div>
        <Account account={account} organisation={organisation} locale={locale} />
        <Form action={signOutAction} hidden={{ csrf }}>
          <Button id="sign-out" value="sign-out">
            {words.signOut}
          </Button>
        </Form>
      </>
    ),
  })
}
