// `admin/events` owns the feed of events, for those who poll instead of receiving webhooks.
// Which events are published belongs to `model/webhooks`, and their form to `webhooks`.

import type { AdminResource } from '../operation.ts'
import { listEventsOperation, type EventListServices } from './list-events.ts'

/** `/v1/admin/events`: the events of an organisation, in order. */
export const eventResource = (services: EventListServices): AdminResource => ({
  operations: [listEventsOperation(services)],
})
