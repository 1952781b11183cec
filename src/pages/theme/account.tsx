import { Name } from './layout.tsx'
import { messages, type Locale } from '../messages/locale.ts'

/** The person, as they know themselves. */
export interface AccountDisplay {
  name?: string | undefined
  email: string
}

/** The first letter as people count letters: an accent or an emoji's parts stay together. */
function initialOf(text: string, locale: Locale): string {
  const [first] = new Intl.Segmenter(locale, { granularity: 'grapheme' }).segment(text.trim())
  return (first?.segment ?? '').toLocaleUpperCase(locale)
}

interface AccountProps {
  account: AccountDisplay
  organisation?: string | undefined
  locale: Locale
}

/** Whose account this is about. */
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
