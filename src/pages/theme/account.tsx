import { Name } from './layout.tsx'
import { messages, type Locale } from '../messages/locale.ts'

/** What identifies an account to its user. */
export interface AccountDisplay {
  name?: string | undefined
  email: string
}

/** The first grapheme: accents and the parts of an emoji stay together. */
function initialOf(text: string, locale: Locale): string {
  const [first] = new Intl.Segmenter(locale, { granularity: 'grapheme' }).segment(text.trim())
  return (first?.segment ?? '').toLocaleUpperCase(locale)
}

interface AccountProps {
  account: AccountDisplay
  organisation?: string | undefined
  locale: Locale
}

/** The account that the page is about. */
export const Account = ({ account, organisation, locale }: AccountProps) => (
  <div class="account">
    <div class="initial" aria-hidden="true">
      {initialOf(account.name ?? account.email, locale)}
    </div>
    <div>
      <p class="unseen">{messages[locale].signedInAs}</p>
      <p>
        <Name>{account.name ?? account.email}</Name>
      </p>
      {account.name === undefined ? null : (
        <p class="quiet">
          <bdi>{account.email}</bdi>
        </p>
      )}
      {organisation === undefined ? null : (
        <p class="quiet">
          <bdi>{organisation}</bdi>
        </p>
      )}
    </div>
  </div>
)
