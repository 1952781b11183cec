import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../support/app.ts'

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
