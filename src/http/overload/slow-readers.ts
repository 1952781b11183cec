import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Pipelined requests that wait for the response before theirs. A connection with more is closed. */
const MAX_PIPELINED_REQUESTS = 16
const MAX_CHECKS_WITHOUT_PROGRESS = 2

export interface SlowReaderLimits {
  /** A connection that takes no byte of a response between three checks is closed. Milliseconds from one to the next. */
  progressCheckIntervalMs: number
  /** Bytes of responses that clients have not taken yet, over all connections. Beyond that, the slowest are closed. */
  maxUnsentBytes: number
}

const LIMITS: SlowReaderLimits = { progressCheckIntervalMs: 5_000, maxUnsentBytes: 64 * 1024 * 1024 }

type Start = () => void

/**
 * Bounds the memory of responses that clients do not read. The requests of one connection are handled one after another:
 * the next one starts when the previous response has been sent.
 */
export function createSlowReaderGuard(
  limits: SlowReaderLimits = LIMITS,
): (handleRequest: RequestListener) => RequestListener {
  const waiting = new WeakMap<Socket, Start[]>()
  const unsent = createUnsentResponses(limits)

  function serve(request: IncomingMessage, response: ServerResponse, handleRequest: RequestListener): void {
    const { socket } = request
    response.once('prefinish', () => {
      if (socket.writableLength > 0) unsent.add(socket)
    })
    response.once('close', () => {
      unsent.remove(socket)
      const next = waiting.get(socket)?.shift()
      if (next) next()
      else waiting.delete(socket)
    })
    handleRequest(request, response)
  }

  return (handleRequest) => (request, response) => {
    const queue = waiting.get(request.socket)
    if (!queue) {
      waiting.set(request.socket, [])
      return serve(request, response, handleRequest)
    }
    if (queue.length >= MAX_PIPELINED_REQUESTS) return void request.socket.destroy()
    queue.push(() => request.socket.destroyed || serve(request, response, handleRequest))
  }
}

interface UnsentResponses {
  add(socket: Socket): void
  remove(socket: Socket): void
}

interface Unsent {
  /** Bytes that count towards the limit. */
  bytes: number
  /** Bytes left at the last check. */
  left: number
  checksWithoutProgress: number
}

/**
 * The responses that are complete here, and that their clients have not taken completely. Closes the connections of clients
 * that take nothing, and the first ones when it is too much in total. What a client sends meanwhile does not matter.
 */
function createUnsentResponses({ progressCheckIntervalMs, maxUnsentBytes }: SlowReaderLimits): UnsentResponses {
  const entries = new Map<Socket, Unsent>()
  let total = 0
  let timer: NodeJS.Timeout | undefined

  function remove(socket: Socket): void {
    total -= entries.get(socket)?.bytes ?? 0
    entries.delete(socket)
    if (entries.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  function checkProgress(): void {
    for (const [socket, entry] of entries) {
      const left = bytesLeft(socket)
      entry.checksWithoutProgress = left < entry.left ? 0 : entry.checksWithoutProgress + 1
      entry.left = left
      if (entry.checksWithoutProgress >= MAX_CHECKS_WITHOUT_PROGRESS) socket.destroy()
    }
  }

  return {
    add(socket) {
      const bytes = socket.writableLength
      entries.set(socket, { bytes, left: bytesLeft(socket), checksWithoutProgress: 0 })
      total += bytes
      timer ??= setInterval(checkProgress, progressCheckIntervalMs).unref()
      for (const [slowest] of entries) {
        if (total <= maxUnsentBytes) break
        remove(slowest)
        slowest.destroy()
      }
    },
    remove,
  }
}

/** Bytes that the system has not taken. Node's stream counts a chunk until its last byte is gone, its handle counts bytes. */
function bytesLeft(socket: Socket): number {
  const { _handle: handle } = socket as { _handle?: { writeQueueSize?: number } | null }
  return handle?.writeQueueSize ?? socket.writableLength
}
