import type { FastifyReply } from 'fastify'
import { BrokenOff } from './framework-errors.ts'

/** Aborts, with `BrokenOff` as its reason, when the caller hangs up before there is an answer. */
export function abandoned({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController()
  const abort = () => controller.abort(new BrokenOff())
  if (raw.destroyed) abort()
  else raw.once('close', () => raw.writableFinished || abort())
  return controller.signal
}
