import { describe, expect, it } from 'vitest'
import { mailTemplates, type MailTemplate } from '../../src/model/mail/outgoing-mail.ts'
import type { MailParameters } from '../../src/mail/templates/mail-content.ts'
import { renderMail } from '../../src/mail/templates/render-mail.ts'
import { composeMessage } from '../../src/mail/transports/compose-message.ts'
import { isEmailAddress } from '../../src/lib/text/email-address.ts'
import { parseMailbox } from '../../src/config/mailbox.ts'
import { locales } from '../../src/pages/messages/locale.ts'

const HOSTILE = '<img src=x onerror=alert(1)>"\r\nBcc: victim@example.com\u202e'
const link = 'https://auth.example.com/somewhere?token=abc'
const parametersOf = (name: string): MailParameters => ({
  invitation: { organisation: name, invitedBy: name, link, expiresAt: '2026-12-07T10:00:00.000Z' },
  welcome: { organisation: name, link },
  password_reset: { organisation: name, link, code: 'BCDF-GHJK' },
  password_changed: { organisation: name, link, changedAt: '2026-12-07T10:00:00.000Z' },
  second_factor_changed: { organisation: name, added: true, link, changedAt: '2026-12-07T10:00:00.000Z' },
  passkey_changed: { organisation: name, name, added: true, link, changedAt: '2026-12-07T10:00:00.000Z' },
  email_verification: { organisation: name, link, code: 'BCDF-GHJK' },
  account_exists: { organisation: name, link },
  email_change: { organisation: name, link },
  email_changed: { organisation: name, email: name, link },
  api_key_expires: { organisation: name, name, prefix: 'ck_live_a1b2c3d4e5', expiresAt: '2026-12-07T10:00:00.000Z' },
  test: { organisation: name, server: 'auth.example.com' },
})
const render = (template: MailTemplate, language: string, name: string) =>
  renderMail(template, language, parametersOf(name)[template], 'auth.example.com')

describe.each(mailTemplates)('the mail %s', (template) => {
  it.each(locales)('escapes names and keeps headers on one line (%s)', (language) => {
    const { subject, html } = render(template, language, HOSTILE)
    expect(subject).not.toMatch(/[\r\n\u202e]/)
    expect(html).not.toContain('<img')
    expect(html).toContain('&lt;img')
  })

  it('has a text part with the same link, and differs between the languages', () => {
    const [english, german] = [render(template, 'en', 'Acme'), render(template, 'de', 'Acme')]
    expect(english.text).not.toBe(german.text)
    for (const { html, text } of [english, german]) expect(text.includes(link)).toBe(html.includes(`href="${link}"`))
    expect(render(template, 'fr', 'Acme')).toEqual(english)
  })

  it('loads nothing and has no script', () => {
    expect(render(template, 'en', 'Acme').html).not.toMatch(/<(?:img|script|link|iframe|form)\b|url\(|@import/)
  })
})

describe('a message', () => {
  it('states its envelope, and reads neither files nor URLs', () => {
    const mail = {
      ...render('test', 'en', 'Acme'),
      messageId: '<1@x>',
      date: new Date(0),
      from: { address: 'a@x.test' },
    }
    expect(composeMessage({ ...mail, to: 'b@x.test' })).toMatchObject({
      envelope: { from: 'a@x.test', to: ['b@x.test'] },
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  })
})

describe('an e-mail address', () => {
  it.each([
    '"a b"@example.com',
    'a(comment)@example.com',
    'a@example.com, b@example.com',
    'a@b@c',
    '<a@example.com>',
    'a\r\n@x.test',
  ])('is not %j', (text) => {
    expect(isEmailAddress(text)).toBe(false)
  })

  it.each([
    ['no-reply@example.com', { name: undefined, address: 'no-reply@example.com' }],
    ['Acme, Inc. <a@example.com>', { name: 'Acme, Inc.', address: 'a@example.com' }],
    ['"Acme" <a@example.com>', { name: 'Acme', address: 'a@example.com' }],
    ['Acme <a@example.com> <b@example.com>', undefined],
    ['Acme\r\nBcc: b@example.com <a@example.com>', undefined],
    ['Acme', undefined],
  ])('of EMAIL_FROM is read from %j', (text, mailbox) => {
    expect(parseMailbox(text)).toEqual(mailbox)
  })
})
