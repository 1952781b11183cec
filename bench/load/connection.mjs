import { Client } from 'undici'

/** One persistent connection with one request at a time. Returns `{ status, headers, text }`. */
export function openConnection(url) {
  const client = new Client(url, { pipelining: 1, headersTimeout: 30_000, bodyTimeout: 30_000 })
  return {
    async send({ method = 'GET', path, headers, body }) {
      const answer = await client.request({ method, path, headers, body })
      return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
    },
    close: () => client.close(),
  }
}

/** The cookies of a browser. */
export function createCookieJar() {
  const cookies = new Map()
  return {
    take({ headers }) {
      for (const line of [headers['set-cookie'] ?? []].flat()) {
        const [pair, ...attributes] = line.split(';')
        const name = pair.slice(0, pair.indexOf('='))
        const expired = attributes.some((attribute) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(attribute))
        if (expired) cookies.delete(name)
        else cookies.set(name, pair.slice(name.length + 1))
      }
    },
    header: () => ({ cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
  }
}

/** Returns the response if it has the expected status, and throws otherwise. */
export function expect(answer, ...statuses) {
  if (statuses.includes(answer.status)) return answer
  throw new Error(`${statuses.join(' or ')} was expected, and came: ${answer.status} ${answer.text.slice(0, 500)}`)
}

export function check(holds, what, seen) {
  if (!holds) throw new Error(`Wrong answer: ${what}, and came: ${String(seen).slice(0, 500)}`)
}
