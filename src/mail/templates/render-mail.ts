// `mail/templates` has the texts of the mails, one file per language, and renders them as HTML and as plain text.
// `mail-content.ts` defines what a mail consists of, and what each template needs to know.

import { locales, type Locale } from '../../pages/messages/locale.ts'
import { mailTemplates, type MailTemplate } from '../../model/mail/outgoing-mail.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import type { MailContent, MailMessages, MailParameters } from './mail-content.ts'
import { mailHtml } from './mail-html.tsx'

const messages: Readonly<Record<Locale, MailMessages>> = { en, de }

export interface RenderedMail {
  subject: string
  html: string
  text: string
}

/** A mail in a language; English for one that is not supported. `server` is its host name. */
export function renderMail<Template extends MailTemplate>(
  template: Template,
  language: string,
  parameters: MailParameters[Template],
  server: string,
): RenderedMail {
  const locale = locales.find((supported) => supported === language) ?? 'en'
  const { addressOfButton, sentBy, templates } = messages[locale]
  const content: MailContent = templates[template](parameters)
  const footer = sentBy(parameters.organisation, server)
  return {
    subject: content.subject.replaceAll(CONTROL_CHARACTERS, ' '),
    html: mailHtml({ locale, content, addressOfButton, footer }),
    text: mailText(content, footer),
  }
}

/** Also those that reverse the text beside a name. */
const CONTROL_CHARACTERS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu

/** Whether a queued mail has a template that this release knows. */
export function isMailTemplate(name: string): name is MailTemplate {
  return mailTemplates.some((template) => template === name)
}

function mailText({ heading, paragraphs, button, code, notes }: MailContent, footer: string): string {
  const parts = [
    heading,
    ...paragraphs,
    ...(button === undefined ? [] : [`${button.label}:\n${button.link}`]),
    ...(code === undefined ? [] : [`${code.label}\n${code.value}`]),
    ...notes,
    `-- \n${footer}`,
  ]
  return `${parts.join('\n\n')}\n`
}
