import { Readable } from 'node:stream'
import { z } from 'zod'
import type { AuditChainRepository, ChainBlock, Checkpoint } from '../../model/audit/audit-chain.ts'
import { adminOperation } from '../operation.ts'
import { AUDIT_LOGS_PATH, AUDIT_LOGS_TAG } from './audit-log-representation.ts'
import { readRecorder, recordRead, type ReadRecorder } from './record-read.ts'

const hex = z.string().describe('32 bytes in hexadecimal.')
const hashedEventSchema = z
  .record(z.string(), z.unknown())
  .describe('The values that the hash of the event is about, and its changes.')

const chainLineSchema = z.union([
  z.object({ kind: z.literal('start'), organisationId: z.string(), sequence: z.int(), hash: hex }),
  z.object({
    kind: z.literal('event'),
    sequence: z.int(),
    id: z.string(),
    hash: hex,
    changesHash: z.string().optional(),
    event: hashedEventSchema.nullable().describe('null: the event is gone.'),
  }),
  z.object({ kind: z.literal('unchained'), id: z.string(), event: hashedEventSchema }),
  z.object({ kind: z.literal('checkpoint'), sequence: z.int(), hash: hex, createdAt: z.string(), jws: z.string() }),
  z.object({ kind: z.literal('end'), sequence: z.int(), hash: hex }),
])
export type ChainLine = z.output<typeof chainLineSchema>

export const exportAuditChainOperation = (
  services: ReadRecorder & { auditChain: Pick<AuditChainRepository, 'readBlock' | 'findLastCheckpoint'> },
) =>
  adminOperation({
    method: 'GET',
    path: `${AUDIT_LOGS_PATH}/chain`,
    operationId: 'exportAuditChain',
    tag: AUDIT_LOGS_TAG,
    permission: 'audit:read',
    summary: 'Export the hash chain of the audit log',
    description:
      'An object in JSON per line: the start, each event with its hash, the signed checkpoints, events that are in no chain although they should be, and the end. `cerberus audit verify` checks it.',
    schema: {
      response: {
        200: {
          description: 'A line per event and checkpoint.',
          content: { 'application/x-ndjson': { schema: chainLineSchema } },
        },
      },
    },
    async handle({ context, request, reply }) {
      const metadata = { filter: '', format: 'chain' }
      await recordRead(readRecorder(services, request), context, metadata, { type: 'audit.exported' })
      const lines = chainLines(services.auditChain, context.organisationId)
      return reply
        .type('application/x-ndjson; charset=utf-8')
        .header('content-disposition', 'attachment; filename="audit-chain.ndjson"')
        .header('cache-control', 'no-store')
        .send(Readable.from(lines, { objectMode: false }) as never)
    },
  })

async function* chainLines(
  auditChain: Pick<AuditChainRepository, 'readBlock' | 'findLastCheckpoint'>,
  organisationId: string,
): AsyncGenerator<string> {
  const write = (lines: readonly ChainLine[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  let block = await auditChain.readBlock(organisationId, 0)
  let [sequence, hash] = [(block?.firstSequence ?? 1) - 1, toHex(block?.previousHash ?? new Uint8Array(32))]
  yield write([{ kind: 'start', organisationId, sequence, hash }])
  // Of a chain without events, the last checkpoint still tells that there were some.
  const checkpoint = block ? undefined : await auditChain.findLastCheckpoint(organisationId)
  if (checkpoint) yield write([toLine(checkpoint)])
  while (block) {
    yield write(linesOf(block))
    ;[sequence, hash] = [block.lastSequence, toHex(block.hash)]
    block = await auditChain.readBlock(organisationId, block.firstSequence)
  }
  yield write([{ kind: 'end', sequence, hash }])
}

function linesOf({ events, unchained, checkpoints }: ChainBlock): ChainLine[] {
  return [
    ...events.map(({ sequence, id, hash, changesHash, event }) => ({
      kind: 'event' as const,
      sequence,
      id,
      hash: toHex(hash),
      ...(changesHash !== undefined && { changesHash }),
      event: event ? { ...event } : null,
    })),
    ...unchained.map((event) => ({ kind: 'unchained' as const, id: event.id, event: { ...event } })),
    ...checkpoints.map(toLine),
  ]
}

const toHex = (hash: Uint8Array) => Buffer.from(hash).toString('hex')

function toLine({ sequence, hash, createdAt, jws }: Checkpoint): ChainLine {
  return { kind: 'checkpoint', sequence, hash: toHex(hash), createdAt: createdAt.toISOString(), jws }
}
