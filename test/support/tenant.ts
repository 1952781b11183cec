import type { Api, Person } from './api.ts'
import type { RegisteredTestClient } from './app.ts'
import type { Browser } from './browser.ts'

/** An organisation of a test's own with one person in it, for tests that end one of them. */
export interface Tenant {
  organisation: { id: string; slug: string }
  /** May keep clients. */
  person: Person
  registerClient(settings?: Record<string, unknown>): Promise<RegisteredTestClient>
  /** A browser in which the person is signed in. */
  browser(): Browser
}

let made = 0

export async function createTenant(api: Api): Promise<Tenant> {
  made += 1
  const organisation = await api.addOrganisation(`tenant-${made}`)
  const person = await api.addPerson(['clients:*'], organisation)
  return {
    organisation,
    person,
    async registerClient(settings = {}) {
      const body = {
        name: 'Test Application',
        clientType: 'confidential',
        redirectUris: ['https://app.example.com/callback'],
        scopes: ['openid', 'profile', 'email', 'offline_access', 'api'],
        grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
        requireConsent: false,
        ...settings,
      }
      const answer = await api.send(person, 'POST', '/v1/admin/clients', { body })
      if (answer.statusCode !== 201) throw new Error(`Registration answered ${answer.statusCode}: ${answer.body}`)
      return answer.json<RegisteredTestClient>()
    },
    browser() {
      const browser = api.browser()
      const [name = '', value = ''] = person.cookie.split('=')
      browser.cookies.set(name, value)
      return browser
    },
  }
}
