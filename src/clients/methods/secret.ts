import { equalInConstantTime, sha256 } from '../../lib/secret.ts'
import type { RegisteredClient } from '../../model/client.ts'
import type { Presented, Proof, Verdict } from './method.ts'

const NOBODYS = [{ id: '', secretHash: sha256('no client has this secret'), expiresAt: null }]

/** Whether what was presented is one of the client's live secrets. All of them are compared, whichever it is. */
export function verifySecret(
  presented: Presented,
  client: RegisteredClient | undefined,
  { now }: Pick<Proof, 'now'>,
): Verdict {
  if (presented.kind !== 'credentials' || presented.secret === undefined) return false
  const hash = sha256(presented.secret)
  let proven: Verdict = false
  for (const { id, secretHash, expiresAt } of client?.secrets ?? NOBODYS) {
    const equal = equalInConstantTime(hash, secretHash)
    if (equal && (expiresAt === null || expiresAt > now)) proven = { secretId: id }
  }
  return client !== undefined && proven
}
