import { Account, type AccountDisplay } from './account.tsx'
import { ClientLogo, type ClientDisplay } from './client-display.tsx'
import { Button, Form } from './form.tsx'
import { Name, renderPage } from './layout.tsx'
import { applicationLink } from './link.ts'
import { messages, type Locale } from './locale.ts'

export interface LogoutConfirmProps {
  locale: Locale
  action: string
  csrf: string
  /** The parameters of the logout request, carried through; `csrf` and `action` are this page's own and left out. */
  parameters: Readonly<Record<string, string>>
  client?: ClientDisplay | undefined
  account?: AccountDisplay | undefined
}

/** Asks before signing out (OpenID Connect RP-Initiated Logout §2). Posts `action` = `sign-out` or `stay`. */
export function logoutConfirmPage(props: LogoutConfirmProps): string {
  const { locale, client, account } = props
  const words = messages[locale].logout
  const { action: _action, ...parameters } = props.parameters
  return renderPage({
    locale,
    title: words.title,
    children: (
      <>
        <div class="heading">
          <ClientLogo client={client} />
          <h1>{words.title}</h1>
          <p class="lead">{client === undefined ? words.lead : words.leadFor(<Name>{client.name}</Name>)}</p>
        </div>
        {account === undefined ? null : <Account account={account} locale={locale} />}
        <Form action={props.action} hidden={{ ...parameters, csrf: props.csrf }}>
          <div class="actions">
            <Button id="sign-out" value="sign-out" kind="primary">
              {words.submit}
            </Button>
            <Button id="stay" value="stay">
              {words.stay}
            </Button>
          </div>
        </Form>
      </>
    ),
  })
}

export interface SignedOutProps {
  locale: Locale
  client?: ClientDisplay | undefined
  /** The verified post-logout redirect URI, when the person is to follow it by hand. */
  continueUri?: string | undefined
}

/** After sign-out, when nothing sends the browser anywhere else. */
export function signedOutPage({ locale, client, continueUri }: SignedOutProps): string {
  const words = messages[locale].signedOut
  const href = applicationLink(continueUri)
  return renderPage({
    locale,
    title: words.title,
    children: (
      <>
        <div class="heading">
          <h1>{words.title}</h1>
          <p class="lead">{words.lead}</p>
        </div>
        {href === undefined ? null : (
          <a class="button" id="continue" href={href}>
            <span>{client === undefined ? words.proceed : words.proceedTo(<bdi>{client.name}</bdi>)}</span>
          </a>
        )}
      </>
    ),
  })
}
