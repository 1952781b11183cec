import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'

/** A browser without scripts: keeps cookies, follows redirects within the server, fills in forms. */
export interface Browser {
  cookies: Map<string, string>
  /** Its `Accept-Language`. */
  language: string | undefined
  /** URL of the last response, or of its redirect to another origin. */
  url: string
  page: LightMyRequestResponse
  get(url: string): Promise<Browser>
  post(url: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Browser>
  /** Submits the form of the current page with these fields filled in, by the button of this value. */
  submit(fields: Record<string, string>, action: string): Promise<Browser>
  /** The parameters that the browser was sent to a client with. */
  answer(): URLSearchParams
}

export function createBrowser(app: FastifyInstance, issuer: string): Browser {
  const cookies = new Map<string, string>()

  async function request(options: InjectOptions & { url: string }): Promise<Browser> {
    const response = await app.inject({
      ...options,
      headers: {
        ...options.headers,
        ...(browser.language !== undefined && { 'accept-language': browser.language }),
        ...(cookies.size > 0 && { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
      },
    })
    for (const { name, value, maxAge, expires } of response.cookies) {
      if (maxAge === 0 || value === '' || (expires && expires.getTime() === 0)) cookies.delete(name)
      else cookies.set(name, value)
    }
    browser.page = response
    browser.url = new URL(options.url, issuer).href
    const { location } = response.headers
    if (response.statusCode >= 300 && response.statusCode < 400 && location !== undefined) {
      const next = new URL(location, browser.url)
      if (next.origin === issuer) return request({ method: 'GET', url: next.pathname + next.search })
      browser.url = next.href
    }
    return browser
  }

  const form = (url: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    request({
      method: 'POST',
      url,
      payload: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    })

  const browser: Browser = {
    cookies,
    language: undefined,
    url: '',
    page: undefined as unknown as LightMyRequestResponse,
    get: (url) => request({ method: 'GET', url: url.startsWith(issuer) ? url.slice(issuer.length) : url }),
    post: form,
    submit(fields, action) {
      const found = readForm(browser.page.body)
      return form(found.action, { ...found.hidden, ...fields, action }, { 'sec-fetch-site': 'same-origin' })
    },
    answer() {
      const { searchParams, hash } = new URL(browser.url)
      return hash === '' ? searchParams : new URLSearchParams(hash.slice(1))
    },
  }
  return browser
}

/** The target and the hidden fields of the one form of a page. */
export function readForm(html: string): { action: string; hidden: Record<string, string> } {
  const action = /<form[^>]* action="([^"]*)"/.exec(html)?.[1]
  if (action === undefined) throw new Error(`There is no form on this page: ${html.slice(0, 2000)}`)
  const hidden: Record<string, string> = {}
  for (const [tag] of html.matchAll(/<input(?:[^>"]|"[^"]*")*>/g)) {
    if (!tag.includes('type="hidden"')) continue
    const name = /name="([^"]*)"/.exec(tag)?.[1]
    if (name !== undefined) hidden[unescapeHtml(name)] = unescapeHtml(/value="([^"]*)"/.exec(tag)?.[1] ?? '')
  }
  return { action: unescapeHtml(action), hidden }
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
