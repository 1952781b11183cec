import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  getWebhookDelivery,
  listWebhookDeliveries,
  listWebhooks,
  redeliverWebhookDelivery,
  redeliverWebhookRange,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
  type Webhook,
  type WebhookTestResult,
} from 'cerberus-idp-admin-client'
import { DAY_SECONDS, overlap } from './api-keys.ts'
import { anyResource, type Parameter, type Resource, text } from './resource.ts'

const settings: readonly Parameter[] = [
  { name: 'events', usage: '--event <event...>', help: 'such as user.created, user.* or *' },
  { name: 'description', usage: '--description <text>', help: 'for administrators' },
  { name: 'clientId', usage: '--client <client>', help: 'only events about this client' },
]

const resource: Resource<Webhook> = {
  noun: 'webhook',
  plural: 'webhooks',
  help: 'webhooks of the organisation, and their deliveries',
  columns: [
    { member: 'url', isIdentifier: true },
    'status',
    'events',
    { member: 'failureCount', heading: 'FAILURES' },
    { member: 'lastTriggeredAt', heading: 'LAST_SENT' },
    'description',
    { member: 'id', isIdentifier: true },
  ],
  idOf: ({ id }) => id,
  namesOf: ({ url, description }) => [url, description],
  list: listWebhooks,
  listExample: '--search app.example.com',
  filters: [
    { name: 'search', usage: '--search <text>', help: 'part of a URL or a description' },
    {
      name: 'active',
      usage: '--active <active>',
      help: 'only enabled webhooks, or disabled ones',
      choices: ['true', 'false'],
    },
  ],
  get: getWebhook,
  show: (webhook) => {
    // Another name of isActive.
    const { active, organisationId, ...shown } = webhook as Webhook & Record<string, unknown>
    return shown
  },
  create: {
    operationId: 'createWebhook',
    help: 'create a webhook; its secret is shown once',
    example: 'https://app.example.com/events --event user.* login.failed',
    parameters: [{ name: 'url', usage: '[url]', help: 'where events are sent; it can also be in --data' }, ...settings],
    hasDryRun: true,
    request: createWebhook,
  },
  change: {
    operationId: 'updateWebhook',
    help: 'change a webhook; without an option, in your editor',
    example: 'https://app.example.com/events --set isActive=false',
    parameters: [{ name: 'url', usage: '--url <url>', help: 'where events are sent' }, ...settings],
    hasDryRun: true,
    request: updateWebhook,
  },
  related: [
    {
      verb: 'deliveries',
      help: 'list the deliveries of a webhook, newest first',
      example: 'https://app.example.com/events --status failed',
      plural: 'deliveries',
      columns: [
        { member: 'id', isIdentifier: true },
        'event',
        'status',
        { member: 'responseStatus', heading: 'HTTP' },
        'attempts',
        'createdAt',
        'error',
      ],
      filters: [
        {
          name: 'status',
          usage: '--status <status>',
          help: 'only deliveries with this status',
          choices: ['pending', 'delivered', 'failed'],
        },
        { name: 'event', usage: '--event <event>', help: 'only deliveries of this event' },
        { name: 'limit', usage: '--limit <number>', help: 'at most 100; default 50' },
        { name: 'after', usage: '--after <delivery>', help: 'only older ones than this delivery, by its id' },
      ],
      list: ({ id }, query) => listWebhookDeliveries(id, query),
    },
  ],
  acts: [
    {
      verb: 'delete',
      help: 'delete a webhook with its deliveries',
      example: 'https://app.example.com/events --dry-run',
      hasDryRun: true,
      question: (title) => `Delete the webhook ${title}, with its deliveries?`,
      request: ({ id }) => deleteWebhook(id),
      done: (title) => `Deleted the webhook ${title}.`,
    },
    {
      verb: 'test',
      help: 'send a test event, and wait for the response',
      example: 'https://app.example.com/events',
      request: ({ id }) => testWebhook(id),
      report: (body) => {
        const { attempt, ...result } = body as WebhookTestResult
        return { ...result, ...attempt }
      },
      fails: (body) => !(body as WebhookTestResult).success,
    },
    {
      verb: 'delivery',
      help: 'show a delivery, with request and response',
      example: 'https://app.example.com/events DELIVERY_ID',
      parameters: [{ name: 'delivery', usage: '<delivery>', help: 'its id' }],
      request: ({ id }, { delivery }) => getWebhookDelivery(id, text(delivery)),
      report: (body) => body as object,
    },
    {
      verb: 'redeliver',
      help: 'deliver an event again, or those of a time',
      example: 'https://app.example.com/events --since 2027-01-31T12:00:00Z',
      parameters: [
        { name: 'delivery', usage: '[delivery]', help: 'the id of one delivery' },
        { name: 'since', usage: '--since <time>', help: 'the deliveries at or after this time, in ISO 8601' },
        { name: 'until', usage: '--until <time>', help: 'those before this time; default now' },
        {
          name: 'status',
          usage: '--status <status>',
          help: 'those with this status; default failed',
          choices: ['failed', 'delivered'],
        },
      ],
      hasDryRun: true,
      problem: ({ delivery, since, dryRun }) => {
        if ((delivery === undefined) === (since === undefined)) return 'Name either a delivery or --since.'
        return dryRun === true && since === undefined ? '--dry-run requires --since.' : undefined
      },
      request: ({ id }, { delivery, since, until, status }) =>
        delivery === undefined
          ? redeliverWebhookRange(id, {
              since: text(since),
              ...(until !== undefined && { until: text(until) }),
              ...(status !== undefined && { status: status === 'delivered' ? 'delivered' : 'failed' }),
            })
          : redeliverWebhookDelivery(id, text(delivery)),
      done: (_title, _values, body) => {
        const { message, count } = body as { message: string; count?: number }
        return count === undefined ? message : `${message} (${count})`
      },
    },
    {
      verb: 'rotate',
      help: 'replace the secret of a webhook by a new one, which is shown once',
      example: 'https://app.example.com/events --overlap 3600',
      parameters: [overlap],
      question: (title) => `Rotate the secret of the webhook ${title}?`,
      request: ({ id }, { overlapSeconds }) => rotateWebhookSecret(id, Number(overlapSeconds ?? DAY_SECONDS)),
      result: (body) => body,
    },
  ],
}

export const webhooks = anyResource(resource)
