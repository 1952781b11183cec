import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ClientDisplay } from '../../src/pages/theme/client-display.tsx'
import { consentPage } from '../../src/pages/consent.tsx'
import { deviceOutcomePage, devicePage } from '../../src/pages/device.tsx'
import { errorPage } from '../../src/pages/error.tsx'
import { formPostPage, formPostScriptHash } from '../../src/pages/form-post.tsx'
import {
  chooseLocale,
  preferredLanguages,
  locales,
  lookupByLanguage,
  type Locale,
} from '../../src/pages/messages/locale.ts'
import { invitationPage, invitationUnavailablePage } from '../../src/pages/links/invitation.tsx'
import { joinedOrganisationPage, joinOrganisationPage } from '../../src/pages/links/join-organisation.tsx'
import { forgotPasswordPage, noMailPage, resetCodePage } from '../../src/pages/links/forgot-password.tsx'
import {
  linkUnavailablePage,
  passwordResetPage,
  resetPasswordPage,
  secureAccountPage,
} from '../../src/pages/links/reset-password.tsx'
import { emailVerifiedPage, verifyCodePage, verifyEmailPage } from '../../src/pages/links/verify-email.tsx'
import { emailChangedPage, emailChangePage, emailTakenPage } from '../../src/pages/links/email-change.tsx'
import { homePage } from '../../src/pages/home.tsx'
import { loginPage } from '../../src/pages/login.tsx'
import { logoutConfirmPage, signedOutPage } from '../../src/pages/logout.tsx'
import { dark, light } from '../../src/pages/theme/palette.ts'
import { passkeysPage } from '../../src/pages/passkeys/passkeys.tsx'
import { passkeyScriptHash } from '../../src/pages/passkeys/script.ts'
import { recoveryCodesPage } from '../../src/pages/recovery-codes.tsx'
import { secondFactorPage } from '../../src/pages/second-factor.tsx'
import { selectAccountPage } from '../../src/pages/select-account.tsx'
import { signedInPage } from '../../src/pages/signed-in.tsx'
import { styleHash } from '../../src/pages/theme/style.ts'

/** Every page, with `text` as every untrusted text and `uri` as every untrusted URL. */
function pages(locale: Locale, text: string, uri: string): Record<string, string> {
  const client: ClientDisplay = { name: text, logoUri: uri, clientUri: uri, policyUri: uri, tosUri: uri }
  const account = { name: text, email: text }
  const form = { locale, action: '/somewhere', csrf: text, request: text, client }
  const passkeyPage = {
    ...form,
    email: text,
    passkeys: [
      { id: text, name: text, provider: text, synced: true, createdAt: new Date(0), lastUsedAt: null },
      { id: 'second', name: text, provider: undefined, synced: false, createdAt: new Date(0), lastUsedAt: new Date(0) },
    ],
    signInAgainUrl: '/somewhere',
    backUrl: '/somewhere',
  }
  const joinForm = { ...form, token: text, organisation: text, email: text, signInUrl: '/auth/login' }
  return {
    login: loginPage({ ...form, organisation: text, email: text }),
    invitation: invitationPage({ ...form, token: text, organisation: text, invitedBy: text, email: text }),
    invitationMissing: invitationPage({
      ...form,
      token: text,
      organisation: text,
      invitedBy: undefined,
      email: text,
      givenName: text,
      error: 'missing',
    }),
    invitationUnavailable: invitationUnavailablePage(locale),
    joinOrganisation: joinOrganisationPage({ ...joinForm, visitor: { account, organisation: text }, error: 'csrf' }),
    joinSignIn: joinOrganisationPage({ ...joinForm, visitor: undefined }),
    joinedOrganisation: joinedOrganisationPage({ locale, organisation: text }),
    forgotPassword: forgotPasswordPage({ ...form, email: text, error: 'missing' }),
    noMail: noMailPage(locale),
    resetCode: resetCodePage({ ...form, email: text, error: 'code' }),
    resetPassword: resetPasswordPage({
      ...form,
      token: text,
      email: text,
      apiKeys: [text],
      passkeys: [text],
      otherBrowser: true,
      error: 'password',
    }),
    passwordReset: passwordResetPage({ locale, signInUrl: '/auth/login' }),
    secureAccount: secureAccountPage({ ...form, token: text, error: 'csrf' }),
    verifyEmail: verifyEmailPage({ ...form, token: text, email: text, organisation: text }),
    verifyCode: verifyCodePage({ ...form, email: text, error: 'code' }),
    emailVerified: emailVerifiedPage(locale),
    changeEmail: emailChangePage({ ...form, token: text, kind: 'confirm', from: text, to: text }),
    undoEmail: emailChangePage({ ...form, token: text, kind: 'undo', from: text, to: text }),
    emailChanged: emailChangedPage({ locale, email: text }),
    emailTaken: emailTakenPage(locale),
    linkUnavailable: linkUnavailablePage(locale),
    loginMissing: loginPage({ ...form, error: 'missing' }),
    loginAgain: loginPage({ ...form, email: text, error: 'credentials', reason: 'reauthenticate' }),
    loginPasskey: loginPage({ ...form, passkeyOptions: { challenge: text }, returnTo: text, error: 'passkey' }),
    loginPlain: loginPage({ locale, action: '/somewhere', csrf: text }),
    secondFactor: secondFactorPage({ ...form, signIn: text, email: text, asksForCode: true, error: 'code' }),
    secondFactorPasskey: secondFactorPage({
      ...form,
      signIn: text,
      email: text,
      asksForCode: false,
      passkeyOptions: { challenge: text },
    }),
    secondFactorEnrolment: secondFactorPage({
      ...form,
      signIn: text,
      email: text,
      asksForCode: true,
      enrolment: { secret: text, uri: text },
    }),
    passkeys: passkeysPage({ ...passkeyPage, creation: { challenge: text }, error: 'credential' }),
    passkeysOffer: passkeysPage({
      ...passkeyPage,
      passkeys: [],
      creation: { challenge: text },
      offer: { request: text },
    }),
    passkeysLater: passkeysPage({ ...passkeyPage, creation: undefined, done: 'removed' }),
    recoveryCodes: recoveryCodesPage({ locale, codes: [text], next: '/somewhere', client }),
    selectAccount: selectAccountPage({ ...form, account }),
    consent: consentPage({
      ...form,
      organisation: text,
      account,
      scopes: [{ name: 'openid' }, { name: text, description: text }, { name: 'constructor' }],
      destination: { host: text },
    }),
    consentPublished: consentPage({
      ...form,
      client: { ...client, published: { host: text, loopbackOnly: true } },
      account,
      scopes: [],
      destination: { host: text },
    }),
    consentApp: consentPage({ ...form, account, scopes: [], destination: { scheme: text } }),
    consentDevice: consentPage({ ...form, account, scopes: [], destination: { device: text } }),
    device: devicePage({ locale, action: '/somewhere', csrf: text, userCode: text }),
    deviceAgain: devicePage({ locale, action: '/somewhere', csrf: text, userCode: text, error: 'unknown' }),
    home: homePage({ locale }),
    deviceOutcome: deviceOutcomePage({ locale, outcome: 'approved', client }),
    error: errorPage({ locale, status: 400, code: text, description: text, reference: text }),
    logoutConfirm: logoutConfirmPage({ ...form, parameters: { [text]: text }, account }),
    signedOut: signedOutPage({ locale, client, postLogoutRedirectUri: uri }),
    signedIn: signedInPage({
      locale,
      account,
      organisation: text,
      signOutAction: '/somewhere',
      csrf: text,
      passkeysUrl: '/somewhere',
    }),
    formPost: formPostPage({ locale, action: 'https://app.example/callback', parameters: { [text]: text } }),
  }
}

const ordinary = (locale: Locale = 'en') => pages(locale, 'Northwind', 'https://northwind.example/')

interface Tag {
  name: string
  attributes: Map<string, string>
}

/** The start tags as a browser parses them: quoted attribute values, styles and scripts contain no tags. */
function tagsOf(html: string): Tag[] {
  const markup = html.replaceAll(/(<style>|<script>)[^]*?(<\/style>|<\/script>)/g, '$1$2')
  const attribute = /([^\s=>"'/]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/
  const tag = new RegExp(`<([a-z][a-z0-9]*)((?:\\s+${attribute.source})*)\\s*/?>`, 'gi')
  return [...markup.matchAll(tag)].map(([, name = '', attributes = '']) => ({
    name,
    attributes: new Map(
      [...attributes.matchAll(new RegExp(attribute, 'g'))].map(([, key = '', double, single, bare]) => [
        key,
        double ?? single ?? bare ?? '',
      ]),
    ),
  }))
}

const sha256 = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`

const visibleText = (html: string): string =>
  html
    .replaceAll(/<(style|script|title)>[^]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&amp;', '&')

function find(html: string, id: string): Tag {
  const [found, ...others] = tagsOf(html).filter((tag) => tag.attributes.get('id') === id)
  if (found === undefined || others.length > 0) throw new Error(`not exactly one element with the id ${id}`)
  return found
}

function hiddenFields(html: string): Record<string, string> {
  const inputs = tagsOf(html).filter((tag) => tag.attributes.get('type') === 'hidden')
  return Object.fromEntries(inputs.map(({ attributes }) => [attributes.get('name'), attributes.get('value')]))
}

/** One fact about each page, so that a failure names the page. */
const ofEach = <T,>(all: Record<string, string>, fact: (html: string, page: string) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(all).map(([page, html]) => [page, fact(html, page)]))

const addressing = new Set(['href', 'src', 'action', 'formaction', 'srcset', 'poster', 'data'])
const addressesOf = (html: string): string[] =>
  tagsOf(html).flatMap((tag) => [...tag.attributes].flatMap(([name, value]) => (addressing.has(name) ? [value] : [])))

const contentsOf = (html: string, element: 'style' | 'script'): string[] =>
  [...html.matchAll(new RegExp(`<${element}[^>]*>([^]*?)</${element}>`, 'g'))].map((match) => match[1] ?? '')

describe('every page', () => {
  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    `' autofocus onfocus='alert(1)`,
    '</title></style></textarea><svg onload=alert(1)>',
  ])('shows %s as text', (hostile) => {
    // Hostile text must not change the elements and attributes, or their order.
    const shape = (html: string) => tagsOf(html).map((tag) => `${tag.name} ${[...tag.attributes.keys()].join(' ')}`)
    const harmless = pages('en', 'Northwind', 'not an address')
    expect(ofEach(pages('en', hostile, hostile), shape)).toEqual(ofEach(harmless, shape))
  })

  it('escapes HTML entities', () => {
    const all = pages('en', '&lt;b&gt;', 'not an address')
    expect(ofEach(all, (html) => html.includes('&lt;b'))).toEqual(ofEach(all, () => false))
    expect(all.login).toContain('<bdi>&amp;lt;b&amp;gt;</bdi>')
  })

  it.each([
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'blob:https://northwind.example/1',
    'file:///etc/passwd',
    '//northwind.example',
    'northwind.example',
    '',
  ])('does not link %j', (uri) => {
    const own = new Set([
      '/somewhere',
      'https://app.example/callback',
      '/auth/login',
      '/docs',
      '/.well-known/openid-configuration',
    ])
    const all = pages('en', 'Northwind', uri)
    expect(ofEach(all, (html) => addressesOf(html).filter((address) => !own.has(address)))).toEqual(
      ofEach(all, () => []),
    )
  })

  it('rejects form targets that are not http(s) URLs', () => {
    const login = (action: string) => () => loginPage({ locale: 'en', csrf: 'c', action })
    const formPost = (action: string) => () => formPostPage({ locale: 'en', action, parameters: {} })
    expect(login('javascript:alert(1)')).toThrow(TypeError)
    expect(formPost('javascript:alert(1)')).toThrow(TypeError)
    expect(formPost('com.example.app:/callback')).toThrow(TypeError)
    expect(formPost('/callback')).toThrow(TypeError)
  })

  it.each(locales)('is a complete document in %s', (locale) => {
    const all = ordinary(locale)
    const facts = ofEach(all, (html) => {
      const tags = tagsOf(html)
      const ids = tags.map((tag) => tag.attributes.get('id')).filter((id) => id !== undefined)
      return {
        start: html.slice(0, 21),
        root: [...(tags[0]?.attributes ?? [])],
        titles: html.match(/<title>[^<]+<\/title>/g)?.length,
        headings: tags.filter((tag) => tag.name === 'h1').length,
        mains: tags.filter((tag) => tag.name === 'main').length,
        sameIds: ids.length - new Set(ids).size,
      }
    })
    const root = [
      ['lang', locale],
      ['dir', 'ltr'],
    ]
    const whole = { start: '<!doctype html><html ', root, titles: 1, headings: 1, mains: 1, sameIds: 0 }
    expect(facts).toEqual(ofEach(all, () => whole))
  })

  it('has no inline attributes and no external resources, and only the hashed style', () => {
    const all = ordinary()
    const foreign = new Set(['link', 'iframe', 'object', 'embed', 'base', 'video', 'audio'])
    const facts = ofEach(all, (html) => ({
      inline: tagsOf(html).flatMap((tag) => [...tag.attributes.keys()].filter((name) => /^(style|on.*)$/i.test(name))),
      foreign: tagsOf(html).filter((tag) => foreign.has(tag.name)),
      styles: contentsOf(html, 'style').map(sha256),
    }))
    expect(facts).toEqual(ofEach(all, () => ({ inline: [], foreign: [], styles: [styleHash] })))
  })

  it('has no script, except the hashed ones of the form_post page and for passkeys', () => {
    const all = ordinary()
    const scripts: Record<string, string[]> = {
      formPost: [formPostScriptHash],
      loginPasskey: [passkeyScriptHash],
      secondFactorPasskey: [passkeyScriptHash],
      passkeys: [passkeyScriptHash],
      passkeysOffer: [passkeyScriptHash],
    }
    expect(ofEach(all, (html) => contentsOf(html, 'script').map(sha256))).toEqual(
      ofEach(all, (_html, page) => scripts[page] ?? []),
    )
  })

  it.each(locales)('has a unique heading in %s', (locale) => {
    const {
      loginMissing: _,
      deviceAgain: __,
      consentApp: ___,
      consentDevice: ____,
      consentPublished: _____,
      invitationMissing: ______,
      joinSignIn: __________,
      noMail: _______,
      loginPasskey: ________,
      passkeysLater: _________,
      ...distinct
    } = ordinary(locale)
    const headings = Object.values(distinct).map((html) => visibleText(/<h1>([^]*?)<\/h1>/.exec(html)?.[1] ?? ''))
    expect(new Set(headings).size).toBe(headings.length)
  })

  it('isolates names in right-to-left scripts, and removes direction overrides from the title', () => {
    const html = loginPage({ locale: 'en', action: '/', csrf: 'c', client: { name: 'שלום\u202Ecod' } })
    expect(html).toContain('<bdi>שלום\u202Ecod</bdi>')
    expect(html).toContain('<title>Sign in · שלוםcod</title>')
  })
})

describe('sign-in', () => {
  const form = { locale: 'en', action: '/sign-in', csrf: 'token', request: 'request-1' } as const

  it('has the fields and buttons that password managers and browsers expect', () => {
    const html = loginPage({ ...form, client: { name: 'Northwind' } })
    expect(tagsOf(html).find((tag) => tag.name === 'form')?.attributes).toEqual(
      new Map([
        ['method', 'post'],
        ['action', '/sign-in'],
      ]),
    )
    expect(hiddenFields(html)).toEqual({ csrf: 'token', request: 'request-1' })
    const email = find(html, 'email').attributes
    expect([email.get('name'), email.get('autocomplete'), email.has('autofocus')]).toEqual(['email', 'username', true])
    const password = find(html, 'password').attributes
    expect([password.get('name'), password.get('type'), password.get('autocomplete')]).toEqual([
      'password',
      'password',
      'current-password',
    ])
    expect(find(html, 'sign-in').attributes.has('formnovalidate')).toBe(false)
    const cancel = find(html, 'cancel').attributes
    expect([cancel.get('type'), cancel.get('name'), cancel.get('value'), cancel.has('formnovalidate')]).toEqual([
      'submit',
      'action',
      'cancel',
      true,
    ])
    for (const id of ['email', 'password']) expect(html).toContain(`<label for="${id}">`)
    // The Enter key activates the first submit button, which must not be the cancel button.
    expect(html.indexOf('id="sign-in"')).toBeLessThan(html.indexOf('id="cancel"'))
    expect(visibleText(html)).toContain('Sign in to continue to Northwind')
  })

  it('has no cancel button without a pending request', () => {
    const html = loginPage({ locale: 'en', action: '/sign-in', csrf: 'token' })
    expect(html).not.toContain('id="cancel"')
    expect(hiddenFields(html)).toEqual({ csrf: 'token' })
  })

  it('focuses the password if the email address is known', () => {
    const html = loginPage({ ...form, email: 'ada@acme.test' })
    expect(find(html, 'email').attributes.get('value')).toBe('ada@acme.test')
    expect(find(html, 'email').attributes.has('autofocus')).toBe(false)
    expect(find(html, 'password').attributes.has('autofocus')).toBe(true)
    expect(find(html, 'password').attributes.has('value')).toBe(false)
  })

  it.each([
    { error: 'credentials', email: 'ada@acme.test', invalid: ['email', 'password'] },
    { error: 'missing', email: undefined, invalid: ['email', 'password'] },
    { error: 'missing', email: 'ada@acme.test', invalid: ['password'] },
    { error: 'throttled', email: 'ada@acme.test', invalid: [] },
    { error: 'csrf', email: undefined, invalid: [] },
  ] as const)('announces $error with the email address $email', ({ error, email, invalid }) => {
    const html = loginPage({ ...form, email, error })
    expect(find(html, 'error-summary').attributes.get('role')).toBe('alert')
    expect(html).toContain('<title>Error: ')
    const marked = ['email', 'password'].filter((id) => find(html, id).attributes.get('aria-invalid') === 'true')
    expect(marked).toEqual(invalid)
    for (const id of ['email', 'password']) {
      const described = find(html, id).attributes.get('aria-describedby')?.split(' ') ?? []
      expect(described).toContain('error-summary')
      for (const target of described) find(html, target)
    }
  })

  it('links the pages of the client and shows its logo, if their URLs are web URLs', () => {
    const client = {
      name: 'Northwind',
      logoUri: 'https://northwind.example/logo.svg',
      clientUri: 'https://northwind.example/',
      policyUri: 'http://northwind.example/privacy',
      tosUri: 'ftp://northwind.example/terms',
    }
    const html = loginPage({ ...form, client })
    for (const [id, href] of [
      ['client-uri', client.clientUri],
      ['policy-uri', client.policyUri],
    ] as const) {
      const link = find(html, id).attributes
      expect([link.get('href'), link.get('target'), link.get('rel')]).toEqual([href, '_blank', 'noopener noreferrer'])
    }
    expect(html).not.toContain('id="tos-uri"')
    expect(
      tagsOf(html)
        .find((tag) => tag.name === 'img')
        ?.attributes.get('src'),
    ).toBe(client.logoUri)
    for (const logoUri of [
      'http://northwind.example/logo.svg',
      'http://localhost:5173/logo.svg',
      'https://[::1]/logo.svg',
    ]) {
      expect(loginPage({ ...form, client: { ...client, logoUri } })).not.toContain('<img')
    }
  })
})

describe('the other pages', () => {
  const form = { locale: 'en', action: '/next', csrf: 'token', request: 'request-1' } as const
  const client = { name: 'Northwind' }
  const account = { name: 'Ada Lovelace', email: 'ada@acme.test' }

  const choices = (html: string) =>
    tagsOf(html)
      .filter((tag) => tag.name === 'button')
      .map(({ attributes }) => [attributes.get('id'), attributes.get('name'), attributes.get('value')])

  it('account selection: continue, or use another account', () => {
    const html = selectAccountPage({ ...form, client, account })
    expect(choices(html)).toEqual([
      ['continue', 'action', 'continue'],
      ['use-another', 'action', 'use-another'],
    ])
    expect(hiddenFields(html)).toEqual({ csrf: 'token', request: 'request-1' })
    expect(visibleText(html)).toContain('ada@acme.test')
  })

  it('consent: shows client, account, scopes and destination; both buttons look the same', () => {
    const scopes = [
      { name: 'email', description: 'text from the database' },
      { name: 'invoices:read', description: 'Read invoices' },
      { name: 'toString' },
    ]
    const html = consentPage({ ...form, client, account, scopes, destination: { host: 'app.northwind.example:8443' } })
    expect(choices(html)).toEqual([
      ['deny', 'action', 'deny'],
      ['allow', 'action', 'allow'],
    ])
    expect(find(html, 'deny').attributes.get('class')).toBe(find(html, 'allow').attributes.get('class'))
    expect(hiddenFields(html)).toEqual({ csrf: 'token', request: 'request-1' })
    const text = visibleText(html)
    for (const shown of [
      'Allow Northwind to use your account?',
      'Ada Lovelace',
      'ada@acme.test',
      'You will be sent to app.northwind.example:8443.',
      'See your email address',
      'invoices:read',
      'Read invoices',
      'toString',
    ]) {
      expect(text).toContain(shown)
    }
    expect(text).not.toContain('text from the database')
  })

  it.each(locales)('consent: shows the host of a CIMD client first, in %s', (locale) => {
    const shown = (loopbackOnly: boolean) => {
      const published = { host: 'apps.northwind.example', loopbackOnly }
      return consentPage({
        ...form,
        locale,
        client: { ...client, published },
        account,
        scopes: [],
        destination: { host: '' },
      })
    }
    const text = visibleText(shown(false))
    expect(text.indexOf('apps.northwind.example')).toBeGreaterThan(0)
    expect(text.indexOf('apps.northwind.example')).toBeLessThan(text.indexOf('ada@acme.test'))
    expect(shown(false)).not.toContain('id="on-device"')
    expect(find(shown(true), 'on-device').attributes.get('role')).toBe('note')
    expect(visibleText(shown(true)).length).toBeGreaterThan(text.length + 60)
  })

  it.each(locales)('consent: has a text for each standard scope in %s', (locale) => {
    for (const name of ['openid', 'profile', 'email', 'phone', 'address', 'offline_access', 'roles', 'organisation']) {
      const html = consentPage({
        ...form,
        locale,
        client,
        account,
        scopes: [{ name }],
        destination: { host: 'a.example' },
      })
      const item = /<li>([^]*?)<\/li>/.exec(html)?.[1] ?? ''
      expect(visibleText(item).length).toBeGreaterThan(12)
      expect(visibleText(item)).not.toBe(name)
    }
  })

  it('error: a text for each status, and the details', () => {
    const facts = { code: 'redirect_uri_mismatch', description: 'Not registered.', reference: 'req-42' }
    const headings = [400, 403, 404, 410, 429, 500, 503].map((status) => {
      const html = errorPage({ locale: 'en', status, ...facts })
      for (const fact of Object.values(facts)) expect(visibleText(html)).toContain(fact)
      return /<h1>([^<]*)<\/h1>/.exec(html)?.[1]
    })
    expect(new Set(headings).size).toBe(headings.length)
    expect(find(errorPage({ locale: 'de', status: 400, ...facts }), 'error-description').attributes.get('lang')).toBe(
      'en',
    )
  })

  it('logout: sends the parameters of the request, except its own fields', () => {
    const parameters = { id_token_hint: 'e.y.J', state: 'a&b', csrf: 'forged', action: 'sign-out' }
    const html = logoutConfirmPage({ locale: 'en', action: '/logout', csrf: 'token', parameters, client, account })
    expect(choices(html)).toEqual([
      ['sign-out', 'action', 'sign-out'],
      ['stay', 'action', 'stay'],
    ])
    expect(hiddenFields(html)).toEqual({ id_token_hint: 'e.y.J', state: 'a&amp;b', csrf: 'token' })
  })

  it('signed out: links to a web page or a native app, if there is a redirect URI', () => {
    const linkTo = (postLogoutRedirectUri?: string) => signedOutPage({ locale: 'en', client, postLogoutRedirectUri })
    expect(find(linkTo('https://northwind.example/bye'), 'continue').attributes.get('href')).toBe(
      'https://northwind.example/bye',
    )
    expect(find(linkTo('com.example.app:/bye'), 'continue').attributes.get('href')).toBe('com.example.app:/bye')
    expect(linkTo()).not.toContain('<a')
  })

  it('signed in: has a sign-out form', () => {
    const html = signedInPage({ locale: 'en', account, organisation: 'Acme', signOutAction: '/out', csrf: 'token' })
    expect(
      tagsOf(html)
        .find((tag) => tag.name === 'form')
        ?.attributes.get('action'),
    ).toBe('/out')
    expect(choices(html)).toEqual([['sign-out', 'action', 'sign-out']])
    expect(hiddenFields(html)).toEqual({ csrf: 'token' })
  })

  it('form_post: sends exactly the parameters', () => {
    const parameters = { code: 'c', state: 'a"b', submit: 'hides form.submit', iss: 'https://id.example' }
    const html = formPostPage({ locale: 'en', action: 'https://app.example/cb?x=1&y=2', parameters })
    expect(
      tagsOf(html)
        .find((tag) => tag.name === 'form')
        ?.attributes.get('action'),
    ).toBe('https://app.example/cb?x=1&amp;y=2')
    expect(hiddenFields(html)).toEqual({ ...parameters, state: 'a&quot;b' })
    expect(find(html, 'continue').attributes.has('name')).toBe(false)
  })
})

describe('lookupByLanguage (RFC 4647 §3.4)', () => {
  const known = new Map(['fr', 'de-ch', 'zh-hant', 'pt-br', 'en-x'].map((tag) => [tag, tag]))
  it.each([
    [['fr'], 'fr'],
    [['FR-ca'], 'fr'],
    [['de', 'fr'], 'fr'],
    [['de-CH-1996'], 'de-ch'],
    [['zh-Hant-CN-x-private1-private2'], 'zh-hant'],
    [['zh-Hant-x'], 'zh-hant'],
    [['en-x-private'], undefined],
    [['zh', 'pt'], undefined],
    [['*'], undefined],
    [['*', 'fr'], 'fr'],
    [['', '-', '--', 'fr-'], 'fr'],
    [[], undefined],
    [[`fr-${'a-'.repeat(100_000)}`], undefined],
  ])('%j: %s', (languages, found) => {
    expect(lookupByLanguage(known, languages)).toBe(found)
  })

  it('orders languages by preference', () => {
    expect(preferredLanguages('pt-BR de', 'en;q=0.3, fr-CA, *;q=0.1, it;q=0')).toEqual([
      'pt-BR',
      'de',
      'fr-CA',
      'en',
      '*',
    ])
    expect(preferredLanguages(undefined, undefined)).toEqual([])
  })
})

describe('chooseLocale', () => {
  it.each([
    [undefined, undefined, 'en'],
    ['', '', 'en'],
    ['de', undefined, 'de'],
    ['de', 'en', 'de'],
    ['fr-CA fr de en', 'en', 'de'],
    ['DE-at', undefined, 'de'],
    ['fr se', 'de-CH,de;q=0.9', 'de'],
    ['fr se', undefined, 'en'],
    ['den', 'fr', 'en'],
    [undefined, 'de', 'de'],
    [undefined, 'en-GB,en;q=0.9,de;q=0.8', 'en'],
    [undefined, 'en;q=0.5, de;q=0.7', 'de'],
    [undefined, 'fr, de;q=0.001', 'de'],
    [undefined, 'de;q=0, fr', 'en'],
    [undefined, 'de;q=2, fr', 'en'],
    [undefined, 'de;q=x', 'en'],
    [undefined, '*, de', 'en'],
    [undefined, 'de, *;q=0.5', 'de'],
    [undefined, ' ;;,=,q=1;de,\0,*-*', 'en'],
    ['\0 <script> ../de', '__proto__,constructor', 'en'],
  ] as const)('ui_locales %j and Accept-Language %j', (uiLocales, acceptLanguage, expected) => {
    expect(chooseLocale(uiLocales, acceptLanguage)).toBe(expected)
  })

  it('ignores the rest of a very long list', () => {
    expect(chooseLocale(`${'x '.repeat(100_000)}de`, `${'x,'.repeat(100_000)}de`)).toBe('en')
  })
})

describe('colours', () => {
  const luminance = (hex: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (one: string, other: string): number => {
    const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (high + 0.05) / (low + 0.05)
  }

  it.each([
    ['light', light],
    ['dark', dark],
  ] as const)('meet WCAG 2.2 AA in the %s scheme', (_name, palette) => {
    const text = [
      ['ink', 'card'],
      ['ink', 'inset'],
      ['ink', 'alarmGround'],
      ['muted', 'card'],
      ['muted', 'inset'],
      ['accent', 'card'],
      ['accent', 'inset'],
      ['accentHover', 'inset'],
      ['onAccent', 'accent'],
      ['onAccent', 'accentHover'],
      ['alarm', 'card'],
      ['alarm', 'alarmGround'],
    ] as const
    expect(text.filter(([front, back]) => contrast(palette[front], palette[back]) < 4.5)).toEqual([])
    expect(contrast(palette.edge, palette.card)).toBeGreaterThanOrEqual(3)
  })
})
