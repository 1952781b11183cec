import { compactVerify, CompactSign, importJWK, type CompactJWSHeaderParameters } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signingAlgorithms, type SigningAlgorithm } from '../../src/model/clients/client-algorithms.ts'
import { createSealer } from '../../src/lib/crypto/sealer.ts'
import { createTestApp, MASTER_KEY, type TestApp } from '../support/app.ts'

const DAY = 86_400

describe('a token that was verified before', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp()
  })
  afterAll(() => test.close())

  it('is verified as long as its key is published, as what it is, and not a moment longer', async () => {
    const { signer, clock } = test
    const token = await signer.sign({ sub: 'user-1' }, 'ES256', 'JWT')
    for (let times = 0; times < 3; times += 1) expect(await signer.verify(token, 'JWT')).toEqual({ sub: 'user-1' })
    expect(await signer.verify(token, 'at+jwt')).toBeUndefined()

    clock.advance(31 * DAY)
    await signer.maintain()
    expect(await signer.verify(token, 'JWT')).toEqual({ sub: 'user-1' })

    clock.advance(31 * DAY)
    await signer.maintain()
    expect(await signer.verify(token, 'JWT')).toBeUndefined()
  })

  it.each(['JWT', 'at+jwt'] as const)(
    '%s: nor is one that was made here, when its key is gone before',
    async (kind) => {
      const { signer, clock } = test
      const [token, other] = [await signer.sign({ n: 1 }, 'ES256', kind), await signer.sign({ n: 2 }, 'ES256', kind)]
      const [header, , signature] = token.split('.')
      expect(await signer.verify(`${header}.${other.split('.')[1]}.${signature}`, kind)).toBeUndefined()
      expect(await signer.verify(other, kind)).toEqual({ n: 2 })

      for (const days of [31, 31]) {
        clock.advance(days * DAY)
        await signer.maintain()
      }
      expect(await signer.verify(token, kind)).toBeUndefined()
    },
  )
})

describe('RFC 7515 §5.2: of what our own keys signed, only what we would have written is a token of ours', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp()
  })
  afterAll(() => test.close())

  const CLAIMS = '{"sub":"user-1"}'

  async function storedKey(alg: SigningAlgorithm) {
    const stored = (await test.repositories.signingKeys.list()).find((key) => key.alg === alg)
    if (!stored) throw new Error(`There is no key for ${alg}.`)
    const sealed = createSealer([MASTER_KEY]).open(stored.sealedPrivateJwk, `signing_keys/${stored.kid}`)
    return { kid: stored.kid, privateJwk: JSON.parse(sealed.toString()) as object }
  }

  /** A token that the server's own key of `alg` signed, with a header and a payload of our choice. */
  async function signed(
    alg: SigningAlgorithm,
    header: Record<string, unknown> = {},
    payload: string | Uint8Array = CLAIMS,
  ): Promise<string> {
    const { kid, privateJwk } = await storedKey(alg)
    const whole = { alg, kid, typ: 'JWT', ...header } as CompactJWSHeaderParameters
    return new CompactSign(typeof payload === 'string' ? Buffer.from(payload) : payload)
      .setProtectedHeader(whole)
      .sign(await importJWK(privateJwk, whole.alg), { crit: { exp: true } })
  }

  it.each(signingAlgorithms)('%s: what another implementation of JOSE signs with the same key', async (alg) => {
    // Its first signature creates a key.
    await test.signer.sign({}, alg, 'JWT')
    expect(await test.signer.verify(await signed(alg), 'JWT')).toEqual({ sub: 'user-1' })
  })

  it('a header member that means nothing to us, since it asks for nothing', async () => {
    expect(await test.signer.verify(await signed('ES256', { more: 1 }), 'JWT')).toEqual({ sub: 'user-1' })
  })

  const headers: [what: string, alg: SigningAlgorithm, header: Record<string, unknown>][] = [
    ['of another type', 'ES256', { typ: 'at+jwt' }],
    ['of no type', 'ES256', { typ: undefined }],
    ['of a type that is no text', 'ES256', { typ: ['JWT'] }],
    ['without the name of its key', 'ES256', { kid: undefined }],
    ['with the name of no key', 'ES256', { kid: 'another' }],
    ['signed by another algorithm than its key is for', 'RS256', { alg: 'PS256' }],
    ['with a critical member (§4.1.11)', 'ES256', { crit: ['exp'], exp: 1 }],
    ['with the critical member that says nothing new', 'ES256', { crit: ['b64'], b64: true }],
  ]
  it.each(headers)('not a token %s', async (_what, alg, header) => {
    expect(await test.signer.verify(await signed(alg, header), 'JWT')).toBeUndefined()
  })

  it('not a token with the name of another key of its algorithm, or of another algorithm', async () => {
    const other = (await test.repositories.signingKeys.list()).filter(({ alg }) => alg === 'ES256')[1]
    expect(await test.signer.verify(await signed('ES256', { kid: other?.kid }), 'JWT')).toBeUndefined()
    const { kid } = await storedKey('EdDSA')
    expect(await test.signer.verify(await signed('ES256', { kid }), 'JWT')).toBeUndefined()
  })

  it.each(['none', 'HS256', 'es256', ''])('not a token that says its algorithm is %j', async (alg) => {
    const [header = '', payload = '', signature = ''] = (await signed('ES256')).split('.')
    const members = JSON.parse(Buffer.from(header, 'base64url').toString()) as object
    const changed = Buffer.from(JSON.stringify({ ...members, alg })).toString('base64url')
    for (const proof of ['', signature]) {
      expect(await test.signer.verify(`${changed}.${payload}.${proof}`, 'JWT')).toBeUndefined()
    }
  })

  const payloads: [what: string, payload: string | Uint8Array][] = [
    ['a list', '["user-1"]'],
    ['text', '"user-1"'],
    ['null', 'null'],
    ['nothing', ''],
    ['not JSON', '{"sub":"user-1"'],
    ['JSON behind a byte order mark', `\uFEFF${CLAIMS}`],
    ['not UTF-8', Buffer.concat([Buffer.from('{"sub":"'), Buffer.of(0xff), Buffer.from('"}')])],
  ]
  it.each(payloads)('not a token whose payload is %s (RFC 7519 §7.2)', async (_what, payload) => {
    expect(await test.signer.verify(await signed('ES256', {}, payload), 'JWT')).toBeUndefined()
  })

  it('and of what we sign, another implementation can verify all', async () => {
    for (const alg of signingAlgorithms) {
      const token = await test.signer.sign({ sub: 'jemand, größer als ASCII ✓' }, alg, 'at+jwt')
      const { kid, ...rest } = JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString())
      expect(rest).toEqual({ alg, typ: 'at+jwt' })
      const { keys } = JSON.parse(test.signer.jwks().body) as { keys: { kid: string }[] }
      const key = await importJWK(keys.find((candidate) => candidate.kid === kid) ?? {}, alg)
      const { payload } = await compactVerify(token, key)
      expect(JSON.parse(Buffer.from(payload).toString())).toEqual({ sub: 'jemand, größer als ASCII ✓' })
    }
  })
})
