import { describe, expect, it } from 'vitest'
import {
  ApiError,
  asDryRun,
  createApiError,
  createClient,
  editableText,
  emptyDraft,
  ifMatch,
  isEqualJson,
  parseValue,
  problemsOf,
  readFields,
  rebaseDraft,
  saveDraft,
  withMember,
  type OpenApiDocument,
} from '../../packages/admin-client/src/index.ts'

describe('the text of a field', () => {
  it('has a value, or a problem', () => {
    expect(parseValue({ kind: 'number', nullable: true }, ' ')).toEqual({ value: null })
    expect(parseValue({ kind: 'number', nullable: false }, '')).toEqual({ problem: 'cannot be empty' })
    expect(parseValue({ kind: 'number', nullable: false }, 'x')).toEqual({ value: 'x' })
    expect(parseValue({ kind: 'lines', nullable: false }, ' a \n\nb')).toEqual({ value: ['a', 'b'] })
    expect(parseValue({ kind: 'text', nullable: true }, '')).toEqual({ value: null })
    expect(parseValue({ kind: 'json', nullable: true }, '{')).toEqual({
      problem: expect.stringMatching(/^is not JSON/),
    })
    expect(editableText({ kind: 'json' }, { a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}')
  })
})

describe('a field of a setting that this version does not know', () => {
  const document: OpenApiDocument = {
    paths: {
      '/v1/admin/clients': { post: { operationId: 'createClient', requestBody: bodyOf('New') } },
      '/v1/admin/clients/{id}': { patch: { operationId: 'updateClient', requestBody: bodyOf('Change') } },
    },
    components: {
      schemas: {
        New: {
          properties: {
            colour: { type: 'string', enum: ['red', 'blue'], description: 'Of the door.', 'x-group': 'Doors' },
            doors: { anyOf: [{ type: 'integer', minimum: 1, maximum: 9 }, { type: 'null' }] },
            doorSignedResponseAlg: { type: ['string', 'null'] },
            keys: { type: 'array', items: { type: 'object' } },
          },
        },
        Change: { properties: { open: { type: 'boolean' } } },
      },
    },
  }
  function bodyOf(name: string) {
    return { content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } } }
  }

  it('is made from the description of the server', () => {
    const fields = readFields(document, { door_signing_alg_values_supported: ['ES256'] })
    expect(fields.map(({ member, group, kind, nullable }) => [member, group, kind, nullable])).toEqual([
      ['colour', 'Doors', 'choice', false],
      ['doors', 'Other members', 'number', true],
      ['doorSignedResponseAlg', 'Other members', 'text', true],
      ['keys', 'Other members', 'json', false],
      ['open', 'Other members', 'boolean', false],
    ])
    expect(fields[0]).toMatchObject({
      help: 'Of the door.',
      choices: ['red', 'blue'],
      creatable: true,
      changeable: false,
    })
    expect(fields[1]?.bounds).toBe('1 to 9.')
    expect(fields[2]?.supported).toEqual(['ES256'])
    expect(fields[4]).toMatchObject({ creatable: false, changeable: true })
  })
})

describe('a draft', () => {
  const draft = { base: { id: 'x', name: 'One', scopes: ['a'] }, etag: '"1"', changes: {} }

  it('contains a member only while it differs', () => {
    const changed = withMember(draft, 'scopes', ['a', 'b'])
    expect(changed.changes).toEqual({ scopes: ['a', 'b'] })
    expect(withMember(changed, 'scopes', ['a']).changes).toEqual({})
  })

  it('keeps the changes that a newer client does not have yet', () => {
    const changed = withMember(withMember(draft, 'name', 'Two'), 'scopes', ['b'])
    expect(rebaseDraft(changed, { id: 'x', name: 'Two', scopes: [] }, '"2"')).toEqual({
      base: { id: 'x', name: 'Two', scopes: [] },
      etag: '"2"',
      changes: { scopes: ['b'] },
    })
  })

  it('is saved under the condition that the client has not changed', () => {
    expect(saveDraft(withMember(draft, 'name', 'Two'))).toEqual({
      method: 'PATCH',
      path: '/v1/admin/clients/x',
      headers: { 'content-type': 'application/json', 'if-match': '"1"' },
      body: '{"name":"Two"}',
    })
    expect(saveDraft(emptyDraft).method).toBe('POST')
  })
})

describe('a request', () => {
  it('becomes a dry run with its headers and its body', () => {
    const request = ifMatch(createClient({ name: 'One' }), '"1"')
    expect(asDryRun(request)).toEqual({ ...request, path: '/v1/admin/clients?dryRun=true' })
    expect(asDryRun({ method: 'GET', path: '/a?b=c' }).path).toBe('/a?b=c&dryRun=true')
  })
})

describe('an error', () => {
  it('lists its problems by member', () => {
    const error = new ApiError({
      kind: 'invalid',
      message: 'Validation error (400)',
      issues: [
        { path: ['redirectUris', 0], message: 'must be x' },
        { path: ['name'], message: 'is: odd' },
        { path: [], message: 'has no members' },
      ],
    })
    expect(problemsOf(error)).toEqual({ redirectUris: ['0: must be x'], name: ['is: odd'], '': ['has no members'] })
    expect(error.details).toEqual(['redirectUris.0: must be x', 'name: is: odd', 'The body: has no members'])
    expect(problemsOf(new ApiError({ kind: 'invalid', message: 'No.' }))).toEqual({ '': ['No.'] })
  })

  it('is read from a problem, an OAuth error or a status', () => {
    expect(createApiError(412, { title: 'Changed', detail: 'By another.' })).toMatchObject({
      kind: 'conflict',
      message: 'Changed (412): By another.',
    })
    expect(createApiError(401, { error: 'invalid_client' })).toMatchObject({
      kind: 'unauthenticated',
      message: 'invalid_client',
    })
    expect(createApiError(500, '<html>')).toMatchObject({
      kind: 'failure',
      message: 'The server rejected the request (500)',
    })
  })
})

it('JSON values are compared by content', () => {
  expect(isEqualJson({ a: [1, { b: null }], c: 2 }, { c: 2, a: [1, { b: null }] })).toBe(true)
  expect(isEqualJson([1, 2], [2, 1])).toBe(false)
  expect(isEqualJson({ a: undefined }, { b: undefined })).toBe(false)
  expect(isEqualJson({}, [])).toBe(false)
  expect(isEqualJson(null, {})).toBe(false)
})
