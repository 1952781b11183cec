import { Account, type AccountDisplay } from './theme/account.tsx'
import { ClientLogo, type ClientDisplay } from './theme/client-display.tsx'
import { Button, Form } from './theme/form.tsx'
import { Name, renderPage } from './theme/layout.tsx'
import { applicationLink } from './theme/link.ts'
import { messages, type Locale } from './messages/locale.ts'
import { cspSourceHash } from './theme/source-hash.ts'

export interface LogoutConfirmProps {
  locale: Locale
  action: string
  csrf: string
  /** The parameters of the logout request, sent again as hidden fields. The page has its own `csrf` and `action`. */
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
  /** The verified post-logout redirect URI, shown as a link. */
  postLogoutRedirectUri?: string | undefined
  /** Pages of applications that end their sessions when they are loaded (OpenID Connect Front-Channel Logout §2). */
  frontChannelLogoutUrls?: readonly string[]
}

// The load event waits for all frames. The timeout limits the wait for frames that do not respond.
const redirectScript = `(function () {
  var left = false
  function leave() {
    if (!left) location.replace(document.getElementById('continue').href)
    left = true
  }
  addEventListener('load', leave)
  setTimeout(leave, 4000)
})()`

/** CSP source expression of the redirect script, without the quotes. */
export const redirectScriptHash: string = cspSourceHash(redirectScript)

/** Confirms the sign-out. With frames and a redirect URI, a script redirects when the frames are loaded. */
export function signedOutPage({
  locale,
  client,
  postLogoutRedirectUri,
  frontChannelLogoutUrls = [],
}: SignedOutProps): string {
  const words = messages[locale].signedOut
  const href = applicationLink(postLogoutRedirectUri)
  const redirectsAutomatically = frontChannelLogoutUrls.length > 0 && href !== undefined
  return renderPage({
    locale,
    title: words.title,
    children: (
      <>
        <div class="heading">
          <h1>{words.title}</h1>
          <p class="lead">{redirectsAutomatically ? words.signingOutOfApps : words.lead}</p>
        </div>
        {href === undefined ? null : (
          <a class="button" id="continue" href={href}>
            <span>{client === undefined ? words.proceed : words.proceedTo(<bdi>{client.name}</bdi>)}</span>
          </a>
        )}
        {frontChannelLogoutUrls.map((src) => (
          <iframe src={src} hidden sandbox="allow-scripts allow-same-origin" />
        ))}
        {redirectsAutomatically ? <script dangerouslySetInnerHTML={{ __html: redirectScript }} /> : null}
      </>
    ),
  })
}
