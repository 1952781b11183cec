import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'

const CHANNEL = 'fastify.initialization'

/** What `make` makes, and every route of each Fastify instance that came to be meanwhile. */
export async function recordRoutes<Made>(
  make: () => Promise<Made>,
): Promise<{ made: Made; routesOf: (server: FastifyInstance) => RouteOptions[] }> {
  const routes = new Map<FastifyInstance, RouteOptions[]>()
  const onInitialization = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance }
    const found: RouteOptions[] = []
    routes.set(fastify, found)
    fastify.addHook('onRoute', (route) => void found.push({ ...route }))
  }
  subscribe(CHANNEL, onInitialization)
  try {
    return { made: await make(), routesOf: (server) => routes.get(server) ?? [] }
  } finally {
    unsubscribe(CHANNEL, onInitialization)
  }
}
