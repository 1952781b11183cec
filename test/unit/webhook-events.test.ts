import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  eventNames,
  isEventPattern,
  publishedEvents,
  subscribedTypes,
} from '../../src/model/webhooks/webhook-events.ts'
import { auditEventTypes } from '../../src/model/audit/audit-event-types.ts'
import { readDocument } from '../support/markdown.ts'

const typesOf = (...patterns: string[]) =>
  Object.fromEntries(subscribedTypes(patterns).map(({ type, event }) => [type, event]))

describe('the names of events', () => {
  it('exist for every type of audit event, or it is listed as not published', () => {
    expect(Object.keys(publishedEvents).toSorted()).toEqual(Object.keys(auditEventTypes).toSorted())
  })

  it('include those of the documented API', () => {
    const documented = [
      ...['created', 'updated', 'deleted', 'blocked'].map((act) => `user.${act}`),
      ...['role', 'team'].flatMap((resource) => ['created', 'updated', 'deleted'].map((act) => `${resource}.${act}`)),
      ...['created', 'updated', 'revoked', 'deleted'].map((act) => `client.${act}`),
      'session.created',
      'session.revoked',
      'login.success',
      'login.failed',
      'role.assigned',
      'role.removed',
    ]
    expect(documented.filter((name) => !eventNames.includes(name))).toEqual([])
  })

  it('have a resource and an act, and are all in docs/webhooks.md', () => {
    const page = readDocument('docs/webhooks.md')
    expect(eventNames.filter((name) => !/^[a-z_]+\.[a-z_]+$/.test(name))).toEqual([])
    expect(eventNames.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })

  it('are chosen by name, by resource, or all', () => {
    expect(typesOf('role.created')).toEqual({ 'role.created': 'role.created' })
    expect(typesOf('team.*')).toMatchObject({
      'team.created': 'team.created',
      'team.role_removed': 'team.role_removed',
    })
    expect(typesOf('team.*')).not.toHaveProperty('role.created')
    expect(typesOf('session.created')).toEqual({ 'user.login.success': 'session.created' })
    expect(typesOf('session.*', 'login.*')).toMatchObject({ 'user.login.success': 'login.success' })
    expect(Object.keys(typesOf('*'))).toHaveLength(
      Object.values(publishedEvents).filter((names) => names.length > 0).length,
    )
  })

  it.each(['', 'user', 'user.', '.*', 'user.*.*', 'webhook.test', 'audit.read', '**'])(
    'do not include %j',
    (pattern) => {
      expect(isEventPattern(pattern)).toBe(false)
    },
  )
})

describe('the trigger that queues deliveries', () => {
  it('leaves out types only that are not published', () => {
    const schema = readFileSync('prisma/schema.sql', 'utf8')
    const trigger = schema.split('\n').find((line) => line.startsWith('CREATE TRIGGER queue_webhook_deliveries')) ?? ''
    const leftOut = [...trigger.matchAll(/'([a-z0-9_.]+)'::text/g)].map(([, type]) => type)
    expect(leftOut).toEqual(['oauth2.token_issued', 'oauth2.token_refreshed'])
    for (const type of leftOut) expect(publishedEvents).toHaveProperty([type ?? ''], [])
  })
})
