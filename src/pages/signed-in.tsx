import { Account, type AccountDisplay } from './theme/account.tsx'
import { Button, Form } from './theme/form.tsx'
import { Name, renderPage } from './theme/layout.tsx'
import { messages, type Locale } from './messages/locale.ts'

export interface SignedInProps {
  locale: Locale
  account: AccountDisplay
  organisation: string
  /** Where the sign-out form goes. */
  signOutAction: string
  csrf: string
}

/** After a sign-in that no application asked for: there is nowhere to go back to. */
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
