// `users/domains` owns the domains of an organisation: which can be claimed, and how they are verified.
// A domain is verified by a TXT record, and again every day (`verify-domain.ts`).

import { parse } from 'tldts'

/** Providers that give e-mail addresses to anyone. Who controls such a domain speaks for none of its users. */
const EMAIL_PROVIDERS = new Set(
  `126.com 163.com aim.com aol.com bluewin.ch duck.com email.com fastmail.com foxmail.com free.fr freenet.de gmail.com
   gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr icloud.com
   inbox.com laposte.net libero.it live.com mac.com mail.com mail.de mail.ru mailbox.org me.com msn.com orange.fr
   outlook.com outlook.de posteo.de proton.me protonmail.ch protonmail.com qq.com rediffmail.com seznam.cz sina.com
   t-online.de tuta.com tutanota.com wanadoo.fr web.de wp.pl yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de yahoo.fr
   yandex.com yandex.ru ymail.com zoho.com`.split(/\s+/),
)

/** Why a domain, in the form of the DNS, cannot belong to an organisation; undefined if it can. */
export function claimProblem(domain: string): string | undefined {
  const { domain: registrable } = parse(domain, { allowPrivateDomains: true })
  if (registrable === null) return 'is a suffix under which anyone can register domains'
  if (EMAIL_PROVIDERS.has(registrable)) return 'belongs to a provider of e-mail addresses'
  return undefined
}
