import type { Signer } from '../keys/signer.ts'
import type { Clock } from '../lib/time/clock.ts'
import { addSeconds } from '../lib/time/clock.ts'
import { CHAIN_BATCH_SIZE, type AuditChainRepository, type Checkpoint } from '../model/audit/audit-chain.ts'

export interface ChainServices {
  issuer: string
  clock: Pick<Clock, 'now'>
  auditChain: Pick<AuditChainRepository, 'append' | 'listUnsigned' | 'addCheckpoint'>
  sign: Signer['sign']
  /** Called with each new checkpoint, so that it can be kept outside of the database. */
  onCheckpoint: (checkpoint: Checkpoint) => void
}

const CHECKPOINT_INTERVAL_SECONDS = 3_600
/** 100,000 events a run. */
const MAX_BATCHES = 20
const CHECKPOINT_ALGORITHM = 'RS256'

/**
 * Appends new events to the hash chains, and signs the heads of chains that have had no checkpoint for an hour. Safe to run
 * in every process, at any time.
 */
export async function chainEvents(services: ChainServices): Promise<void> {
  const { issuer, clock, auditChain, sign, onCheckpoint } = services
  for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
    if ((await auditChain.append(clock.now())) < CHAIN_BATCH_SIZE) break
  }
  const now = clock.now()
  for (const head of await auditChain.listUnsigned(addSeconds(now, -CHECKPOINT_INTERVAL_SECONDS))) {
    const claims = {
      iss: issuer,
      iat: Math.floor(now.getTime() / 1000),
      organisation_id: head.organisationId,
      sequence: head.sequence,
      hash: Buffer.from(head.hash).toString('hex'),
    }
    const checkpoint = {
      ...head,
      jws: await sign(claims, CHECKPOINT_ALGORITHM, 'audit-checkpoint+jwt'),
      createdAt: now,
    }
    await auditChain.addCheckpoint(checkpoint)
    onCheckpoint(checkpoint)
  }
}
