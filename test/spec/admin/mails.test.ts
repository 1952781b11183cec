import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import { OWNER } from '../../support/app.ts'
import { eventually } from '../../support/eventually.ts'
import { linkIn, openMailbox, type Mailbox } from '../../support/mailbox.ts'

const MAILS = '/v1/admin/mails'
const INVITATIONS = '/v1/admin/invitations'
const LINK = 'https://auth.example.com/invitation?token='

interface Mail {
  id: string
  status: string
  attempts: number
  error: string | null
  recipient: string
}

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

const invite = (body: object, headers = {}) => api.send(api.owner, 'POST', INVITATIONS, { body, headers })
const mailTo = async (recipient: string) =>
  (await api.send(api.owner, 'GET', `${MAILS}?search=${encodeURIComponent(recipient)}`)).json<{ data: Mail[] }>()
    .data[0]
const settled = (recipient: string, status: string) =>
  eventually(
    () => mailTo(recipient),
    (mail) => mail?.status === status,
  )
const attempted = (recipient: string, attempts: number) =>
  eventually(
    () => mailTo(recipient),
    (mail) => mail?.attempts === attempts && mail.error !== null,
  )

describe('an invitation where the server sends mail', () => {
  it('is mailed, in the language of the request, and is in no response and in no log', async () => {
    const answer = await invite({ email: 'grace@example.test' }, { 'accept-language': 'de' })
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toMatchObject({ link: null, status: 'pending' })
    const mail = await mailbox.next('grace@example.test')
    expect(mail.from).toBe('no-reply@acme.test')
    expect(mail.headers).toMatchObject({ 'auto-submitted': 'auto-generated', from: 'Acme <no-reply@acme.test>' })
    expect(mail.text).toContain('Sie ein, Acme beizutreten')
    expect(mail.html).toContain('lang="de"')
    const link = linkIn(mail, LINK)
    expect(mail.html).toContain(link)
    expect(await settled('grace@example.test', 'sent')).toMatchObject({ attempts: 1, error: null })
    const token = link.split('inv_')[1] ?? ''
    const stored = await api.prisma.$queryRaw`SELECT * FROM outgoing_mails`
    expect(JSON.stringify(stored)).not.toContain(token)
    expect(api.logs.join('')).not.toContain(token)
    expect(await api.prisma.outgoingMail.count({ where: { recipient: 'grace@example.test', parameters: null } })).toBe(
      1,
    )
  })

  it('verifies the address of the person who accepts it, and welcomes them', async () => {
    await invite({ email: 'ada@example.test', language: 'en' })
    const browser = api.browser()
    await browser.get(linkIn(await mailbox.next('ada@example.test'), LINK))
    await browser.submit({ given_name: 'Ada', family_name: 'L', new_password: 'a long enough passphrase' }, 'accept')
    expect(browser.page.statusCode).toBe(200)
    const user = await api.prisma.user.findFirstOrThrow({ where: { email: 'ada@example.test' } })
    expect(user.emailVerified).toBe(true)
    expect((await mailbox.next('ada@example.test')).text).toContain('Welcome to Acme')
  })

  it('is returned instead where the inviter asks for the link, and then does not verify the address', async () => {
    const answer = await invite({ email: 'joan@example.test', deliver: 'link' })
    const token = new URL(answer.json<{ link: string }>().link).searchParams.get('token') ?? ''
    const accepted = await api.send(undefined, 'POST', `/v1/public/invitations/${token}/accept`, {
      body: { firstName: 'Joan', lastName: 'C', password: 'a long enough passphrase' },
    })
    expect(accepted.statusCode).toBe(201)
    expect((await api.prisma.user.findFirstOrThrow({ where: { email: 'joan@example.test' } })).emailVerified).toBe(
      false,
    )
    expect((await mailbox.next('joan@example.test')).headers['subject']).toBe('Welcome to Acme')
  })

  it('is mailed again with another link', async () => {
    const { id } = (await invite({ email: 'mary@example.test' })).json<{ id: string }>()
    const first = linkIn(await mailbox.next('mary@example.test'), LINK)
    const resent = await api.send(api.owner, 'POST', `${INVITATIONS}/${id}/resend`)
    expect(resent.json()).toMatchObject({ invitation: { link: null } })
    const second = linkIn(await mailbox.next('mary@example.test'), LINK)
    expect((await api.browser().get(first)).page.statusCode).toBe(404)
    expect((await api.browser().get(second)).page.statusCode).toBe(200)
  })
})

describe('the queue of mails', () => {
  it('tries again what the mail server did not accept, with the same Message-ID', async () => {
    mailbox.refusals.push({ code: 451, message: 'try later' })
    await invite({ email: 'later@example.test' })
    expect(await attempted('later@example.test', 1)).toMatchObject({
      status: 'queued',
      error: expect.stringContaining('451') as string,
    })
    api.mailQueue?.flush()
    api.clock.advance(121)
    api.mailQueue?.flush()
    const mail = await mailbox.next('later@example.test')
    const sent = await settled('later@example.test', 'sent')
    expect(sent?.attempts).toBe(2)
    expect(mail.headers['message-id']).toBe(`<${sent?.id}@acme.test>`)
  })

  it('gives up on what the mail server refuses for good, until an administrator sends it again', async () => {
    mailbox.refusals.push({ code: 550, message: 'no such mailbox' })
    await invite({ email: 'unknown@example.test' })
    const failed = await settled('unknown@example.test', 'failed')
    expect(failed?.error).toContain('no such mailbox')
    const resent = await api.send(api.owner, 'POST', `${MAILS}/${failed?.id}/resend`)
    expect(resent.statusCode).toBe(200)
    expect(linkIn(await mailbox.next('unknown@example.test'), LINK)).toContain('inv_')
    const sent = await settled('unknown@example.test', 'sent')
    const again = await api.send(api.owner, 'POST', `${MAILS}/${sent?.id}/resend`)
    expect(again.statusCode).toBe(409)
  })

  it('does not send a mail whose link has expired', async () => {
    mailbox.refusals.push({ code: 451, message: 'try later' })
    await invite({ email: 'slow@example.test', expiresInDays: 1 })
    await attempted('slow@example.test', 1)
    api.clock.advance(86_401)
    api.owner = { ...api.owner, cookie: await api.signIn(OWNER) }
    api.mailQueue?.flush()
    expect((await settled('slow@example.test', 'failed'))?.error).toBe('The links of the mail have expired.')
  })

  it('sends a test mail to the caller only, and to no client', async () => {
    const sent = await api.send(api.owner, 'POST', `${MAILS}/test`)
    expect(sent.statusCode).toBe(202)
    expect(sent.json()).toMatchObject({ recipient: OWNER.email, template: 'test' })
    expect((await mailbox.next(OWNER.email)).text).toContain('test mail of auth.example.com for Acme')
    const reader = await api.addPerson(['organisation:read'])
    expect((await api.send(reader, 'POST', `${MAILS}/test`)).statusCode).toBe(403)
    expect((await api.send(reader, 'GET', MAILS)).statusCode).toBe(200)
  })

  it('is limited for each address', async () => {
    const statuses: number[] = []
    for (let count = 0; count < 11; count += 1) {
      const answer = await invite({ email: 'flooded@example.test' })
      statuses.push(answer.statusCode)
      if (answer.statusCode === 201)
        await api.send(api.owner, 'DELETE', `${INVITATIONS}/${answer.json<{ id: string }>().id}`)
    }
    expect(statuses).toEqual([...Array<number>(10).fill(201), 429])
  })
})
