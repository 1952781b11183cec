import type { FastifyReply } from 'fastify'
import { ClientDisconnected } from '../errors/request-errors.ts'

/** Aborts with `ClientDisconnected` when the client disconnects before its response is complete. */
export function clientDisconnectSignal({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController()
  const abort = () => controller.abort(new ClientDisconnected())
  if (raw.destroyed) abort()
  else raw.once('close', () => raw.writableFinished || raw.writableEnded || abort())
  return controller.signal
}
