import { Account, type AccountDisplay } from './theme/account.tsx'
import { Button, Form } from './theme/form.tsx'
import { Name, renderPage } from './theme/layout.tsx'
import { formAction } from './theme/link.ts'
import { messages, type Locale } from './messages/locale.ts'

export interface SignedInProps {
  locale: Locale
  account: AccountDisplay
  organisation: string
  /** The URL that the sign-out form is sent to. */
  signOutAction: string
  csrf: string
  /** Where users manage their passkeys. Undefined where none are possible. */
  passkeysUrl?: string | undefined
}

/** Shown after a sign-in without a pending authorization request. */
export function signedInPage(props: SignedInProps): string {
  const { locale, account, organisation, signOutAction, csrf, passkeysUrl } = props
  const { signedIn: words, passkeys } = messages[locale]
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
        {passkeysUrl === undefined ? null : (
          <p>
            <a id="passkeys" href={formAction(passkeysUrl)}>
              {passkeys.title}
            </a>
          </p>
        )}
        <Form action={signOutAction} hidden={{ csrf }}>
          <Button id="sign-out" value="sign-out">
            {words.signOut}
          </Button>
        </Form>
      </>
    ),
  })
}
