import { Account, type AccountDisplay } from './theme/account.tsx'
import { ClientLinks, ClientLogo, type ClientDisplay } from './theme/client-display.tsx'
import { Button, Form } from './theme/form.tsx'
import { Name, renderPage } from './theme/layout.tsx'
import { messages, type Locale } from './messages/locale.ts'

export interface SelectAccountProps {
  locale: Locale
  action: string
  csrf: string
  request: string
  client: ClientDisplay
  account: AccountDisplay
}

/** `prompt=select_account` (OpenID Connect Core §3.1.2.1). Posts `action` = `continue` or `use-another`. */
export function selectAccountPage({ locale, action, csrf, request, client, account }: SelectAccountProps): string {
  const words = messages[locale].selectAccount
  return renderPage({
    locale,
    title: `${words.title} · ${client.name}`,
    children: (
      <>
        <div class="heading">
          <ClientLogo client={client} />
          <h1>{words.title}</h1>
          <p class="lead">{words.lead(<Name>{client.name}</Name>)}</p>
        </div>
        <Account account={account} locale={locale} />
        <Form action={action} hidden={{ csrf, request }}>
          <div class="actions">
            <Button id="continue" value="continue" kind="primary">
              {words.proceed}
            </Button>
            <Button id="use-another" value="use-another">
              {words.useAnother}
            </Button>
          </div>
        </Form>
        <ClientLinks client={client} locale={locale} />
      </>
    ),
  })
}
