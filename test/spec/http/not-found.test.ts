import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../support/app.ts'

describe('addresses that people and browsers try first', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp()
  })
  afterAll(() => test.close())

  it('/ is a page whose links lead somewhere, in the language of the browser', async () => {
    const page = await test.app.inject({ url: '/', headers: { 'accept-language': 'de' } })
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(page.body).toMatch(/^<!doctype html><html lang="de"/)
    const links = [...page.body.matchAll(/href="([^"]+)"/g)].map(([, href]) => href ?? '')
    expect(links.length).toBeGreaterThan(2)
    for (const url of links) expect([url, (await test.app.inject(url)).statusCode]).toEqual([url, 200])
    const probe = await test.app.inject({ method: 'HEAD', url: '/' })
    expect([probe.statusCode, probe.body]).toEqual([200, ''])
    expect((await test.app.inject({ method: 'POST', url: '/' })).headers['allow']).toBe('GET, HEAD')
  })

  it('/favicon.ico is an icon that browsers keep', async () => {
    const icon = await test.app.inject('/favicon.ico')
    expect(icon.statusCode).toBe(200)
    expect(icon.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' })
    expect(icon.body).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    expect(icon.body).not.toContain('var(')
    const again = await test.app.inject({
      url: '/favicon.ico',
      headers: { 'if-none-match': String(icon.headers['etag']) },
    })
    expect(again.statusCode).toBe(304)
  })
})

describe('a path at which there is nothing', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp()
  })
  afterAll(() => test.close())

  it('is a page to a browser that goes there', async () => {
    const answer = await test.app.inject({ url: '/auth/nothing', headers: { accept: 'text/html,*/*;q=0.8' } })
    expect(answer.statusCode).toBe(404)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    expect(answer.body).toContain('<!doctype html>')
  })

  it('is a problem to everybody else', async () => {
    for (const options of [{ method: 'GET' as const }, { method: 'POST' as const, headers: { accept: 'text/html' } }]) {
      const answer = await test.app.inject({ ...options, url: '/v1/nothing' })
      expect(answer.statusCode).toBe(404)
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
      expect(answer.json()).toMatchObject({ status: 404, detail: 'No such path.' })
    }
  })
})
