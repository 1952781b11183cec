// Clients that are known by the address of their metadata, on a web server of theirs, by https.
import { createApi, type Person } from './api.ts'
import type { TestAppOptions } from './app.ts'
import { makeAuthority, makeCertificate } from './certificates.ts'
import { startDocumentServer } from './document-server.ts'
import { relyingParty, REDIRECT_URI } from './relying-party.ts'
import { withSettings } from './stored-clients.ts'

const POLICY = '/v1/admin/registration-policy'

export type CimdEnvironment = Awaited<ReturnType<typeof createCimdEnvironment>>

/** The web server, and the authority by which servers believe that it is who it is. */
export async function startMetadataServer() {
  const authority = await makeAuthority()
  const own = await makeCertificate({
    subject: 'CN=localhost',
    names: [{ type: 'dns', value: 'localhost' }],
    authority,
  })
  const web = await startDocumentServer(own)
  const { host } = new URL(web.base)
  let count = 0
  return {
    ...web,
    authorities: authority.certificate,
    /** As in a `client_id`. */
    host,
    /** Publishes a document of its own address, and answers that. */
    publish(more: object = {}, headers: Record<string, string> = {}): string {
      const path = `/clients/${(count += 1)}`
      const clientId = `${web.base}${path}`
      const metadata = { client_id: clientId, client_name: 'Published', redirect_uris: [REDIRECT_URI], ...more }
      web.documents.set(path, {
        body: JSON.stringify(metadata),
        headers: { 'content-type': 'application/json', ...headers },
      })
      return clientId
    },
    /** Another body, or other headers or status, at the address of a client. */
    change(clientId: string, body: object | string, more: { status?: number; headers?: Record<string, string> } = {}) {
      web.documents.set(new URL(clientId).pathname, {
        headers: { 'content-type': 'application/json' },
        ...more,
        body:
          typeof body === 'string'
            ? body
            : JSON.stringify({ client_id: clientId, redirect_uris: [REDIRECT_URI], ...body }),
      })
    },
    /** How often the document of a client was asked for. */
    askedFor: (clientId: string) => web.asked.filter((path) => path === new URL(clientId).pathname).length,
  }
}

/** A server whose first organisation takes the documents of that web server. */
export async function createCimdEnvironment(options: TestAppOptions = {}) {
  const web = await startMetadataServer()
  const api = await createApi({ allow: ['localhost'], authorities: web.authorities, ...options })
  /** The owner, signed in just now: time is turned so far that sessions end. */
  const owner = async (): Promise<Person> => ({ ...api.owner, cookie: await api.signIn() })
  const setPolicy = async (body: object, person?: Person) =>
    api.send(person ?? (await owner()), 'PUT', POLICY, { body: { policy: 'closed', ...body } })
  const rules = {
    softwareStatementRequired: false,
    clientIdMetadataDocuments: 'hosts',
    clientIdMetadataHosts: [web.host],
    clientIdMetadataScopes: ['openid', 'profile', 'email', 'offline_access'],
  }
  await setPolicy({ profile: 'openid', ...rules })

  const party = (clientId: string) => relyingParty(api, { id: '', clientId, clientSecret: null })
  return {
    web,
    api,
    party,
    owner,
    setPolicy,
    /** As at the beginning. */
    takeDocuments: () =>
      api.prisma.organisation.update({
        where: { id: api.owner.organisation.id },
        data: { registrationProfile: 'openid', ...rules },
      }),
    async stored(clientId: string) {
      const row = await api.prisma.client.findUnique({ where: { clientId } })
      return row && withSettings(row)
    },
    /** The response of the authorization endpoint without a session: an error page or the sign-in page. */
    async visit(clientId: string, more: Record<string, string> = {}) {
      const browser = await api.browser().get(party(clientId).authorizeUrl(more))
      const description = /id="error-description"[^>]*>([^<]*)</.exec(browser.page.body)?.[1]
      return { status: browser.page.statusCode, description, signIn: browser.url.includes('/auth/login'), browser }
    },
    /** What the token endpoint answers such a client. */
    async token(clientId: string, more: Record<string, string> = {}) {
      const answer = await party(clientId).exchange('a-code', more)
      return [answer.statusCode, answer.json<{ error: string }>().error]
    },
    async close() {
      await api.close()
      await web.close()
    },
  }
}
