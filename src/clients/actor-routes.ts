import type { FastifyRequest } from 'fastify'
import { securityEvent, type EventType } from '../events/catalogue.ts'
import { originOf } from '../http/origin.ts'
import type { Clock } from '../lib/clock.ts'
import type { SecurityEvent } from '../model/security-event.ts'
import { actingClient, type Administrator } from '../model/permission.ts'
import type { Actor } from './administration.ts'

export interface ActorOptions {
  /** Who makes the request; throws the problem where they lack the permission. */
  administrator: (request: FastifyRequest, permission: string) => Promise<Administrator>
}

export type Actors = ReturnType<typeof createActors>

/** Who acts by the requests of some routes. */
export function createActors(options: ActorOptions) {
  const administrators = new WeakMap<FastifyRequest, Administrator>()
  return {
    /** Runs before the body is read: to somebody who may not write, what is wrong with what they write is nothing to say. */
    needs: (permission: string) => async (request: FastifyRequest) => {
      administrators.set(request, await options.administrator(request, permission))
    },
    actorOf(request: FastifyRequest): Actor {
      const administrator = administrators.get(request)
      if (!administrator) throw new Error('A route of the administration API did not ask who calls.')
      return { administrator, origin: originOf(request) }
    },
  }
}

/** The event of what an administrator does by a request. */
export function eventBy(
  { administrator, origin }: Actor,
  clock: Clock,
  type: EventType,
  metadata: Record<string, unknown>,
): SecurityEvent {
  const { organisationId, userId } = administrator
  return securityEvent(clock, type, {
    organisationId,
    origin,
    userId,
    metadata: { ...metadata, ...actingClient(administrator) },
  })
}
