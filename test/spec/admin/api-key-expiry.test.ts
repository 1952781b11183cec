import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../../src/lib/crypto/hash.ts'
import { createMailSealer } from '../../../src/mail/mailer.ts'
import { announceExpiringApiKeys } from '../../../src/users/api-keys/announce-expiring-api-keys.ts'
import { createApi, type Api, type Person } from '../../support/api.ts'
import { openMailbox, type Mailbox } from '../../support/mailbox.ts'

const KEYS = '/v1/admin/api-keys'
const DAY = 86_400

let api: Api
let mailbox: Mailbox
beforeAll(async () => {
  mailbox = await openMailbox()
  api = await createApi({ mail: mailbox.transport })
})
afterAll(async () => {
  await api.close()
  await mailbox.close()
})

async function issue(person: Person, expiresInDays: number): Promise<string> {
  const body = { name: 'Nightly', scopes: ['users:read'], expiresInDays }
  const answer = await api.send(person, 'POST', KEYS, { body })
  expect(answer.statusCode).toBe(201)
  return answer.json<{ id: string }>().id
}
/** What the scheduled job of a process does. */
const announce = (mailSealer = createMailSealer(sha256('the server secret of the tests'))) =>
  announceExpiringApiKeys({ apiKeys: api.repositories.apiKeys, clock: api.clock, mailSealer }, api.clock.now())
const announced = async () =>
  (await api.events()).filter(({ type }) => type === 'api_key.expires_soon').map(({ resourceId }) => resourceId)

describe('an API key that expires soon', () => {
  it('is announced to its user once, seven days before, unless it has ended, a successor, or a short life', async () => {
    const person = await api.addPerson(['users:read', 'api_keys:*'])
    const blocked = await api.addPerson(['users:read', 'api_keys:*'])
    const [due, revoked, rotated] = [await issue(person, 30), await issue(person, 30), await issue(person, 30)]
    await issue(blocked, 30)
    await api.send(person, 'POST', `${KEYS}/${revoked}/revoke`)
    await api.send(person, 'POST', `${KEYS}/${rotated}/rotate`, { body: { overlapSeconds: 7 * DAY } })
    // Its successor expires at the same time.
    await api.prisma.apiKey.updateMany({
      where: { name: 'Nightly', id: { notIn: [due, revoked, rotated] }, userId: person.id },
      data: { expiresAt: new Date('2099-01-01') },
    })
    await api.prisma.user.update({ where: { id: blocked.id }, data: { blockedAt: api.clock.now() } })
    await announce()
    expect(await announced()).toEqual([])
    api.clock.advance(23 * DAY - 60)
    await api.prisma.apiKey.create({
      data: {
        ...(await api.prisma.apiKey.findUniqueOrThrow({ where: { id: due } })),
        id: crypto.randomUUID(),
        keyHash: Buffer.from('short'),
        createdAt: api.clock.now(),
        expiresAt: new Date(api.clock.now().getTime() + 5 * DAY * 1000),
      },
    })
    await announce()
    expect(await announced()).toEqual([])
    api.clock.advance(60)
    await Promise.all([announce(), announce()])
    await announce()
    expect(await announced()).toEqual([due])
    api.mailQueue?.flush()
    const mail = await mailbox.next(`${person.id}@example.test`)
    expect(mail.headers['subject']).toBe('API key expires soon: Nightly')
    expect(mail.text).toContain('ck_live_')
    expect(await api.prisma.outgoingMail.count({ where: { template: 'api_key_expires' } })).toBe(1)
  })
})
