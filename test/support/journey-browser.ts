import { isLoopbackHost } from '../../src/oauth/redirect-uri.ts'
import { readForm } from './browser.ts'

/** A browser without scripts on real sockets: a cookie jar, redirects across origins, forms. Never leaves the machine. */
export interface JourneyBrowser {
  /** Where the page came from, or where the browser would go next if that is another machine. */
  url: string
  status: number
  body: string
  get(url: string): Promise<JourneyBrowser>
  /** Submits a form of nothing. */
  post(url: string): Promise<JourneyBrowser>
  /** Submits the one form of the page with these fields filled in. */
  submit(fields: Record<string, string>): Promise<JourneyBrowser>
}

export function createJourneyBrowser(): JourneyBrowser {
  // By host name alone, as browsers do: ports do not part cookies (RFC 6265 §8.5).
  const jars = new Map<string, Map<string, string>>()

  async function request(target: string, init: { method: string; body?: URLSearchParams }): Promise<JourneyBrowser> {
    let next: { url: string; method: string; body?: URLSearchParams } = { url: target, ...init }
    for (let hop = 0; hop < 12; hop += 1) {
      const { url, ...message } = next
      const { hostname, origin } = new URL(url)
      const jar = jars.get(hostname) ?? new Map<string, string>()
      jars.set(hostname, jar)
      const response = await fetch(url, {
        ...message,
        redirect: 'manual',
        headers: {
          ...(jar.size > 0 && { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') }),
          ...(message.body && { origin: visitor.url === '' ? origin : new URL(visitor.url).origin }),
        },
      })
      for (const line of response.headers.getSetCookie()) keep(jar, line)
      visitor.url = url
      visitor.status = response.status
      visitor.body = await response.text()
      const location = response.headers.get('location')
      if (response.status < 300 || response.status >= 400 || location === null) return visitor
      next = { url: new URL(location, url).href, method: 'GET' }
      if (!isLoopbackHost(new URL(next.url).hostname)) {
        visitor.url = next.url
        return visitor
      }
    }
    throw new Error(`Sent from page to page without end, last to ${next.url}`)
  }

  const visitor: JourneyBrowser = {
    url: '',
    status: 0,
    body: '',
    get: (url) => request(url, { method: 'GET' }),
    post: (url) => request(url, { method: 'POST' }),
    submit(fields) {
      const { action, hidden } = readForm(visitor.body)
      const body = new URLSearchParams({ ...hidden, ...fields })
      return request(new URL(action, visitor.url).href, { method: 'POST', body })
    },
  }
  return visitor
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';')
  const name = pair.slice(0, pair.indexOf('=')).trim()
  const ended = attributes.some((attribute) => {
    const [key = '', value = ''] = attribute.split('=')
    if (/^\s*max-age$/i.test(key)) return Number(value) <= 0
    return /^\s*expires$/i.test(key) && Date.parse(value) <= Date.now()
  })
  if (ended) jar.delete(name)
  else jar.set(name, pair.slice(pair.indexOf('=') + 1))
}
