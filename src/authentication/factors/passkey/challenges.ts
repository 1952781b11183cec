import { equalInConstantTime, hmacSha256, sha256 } from '../../../lib/crypto/hash.ts'
import { randomBytes } from '../../../lib/crypto/random.ts'
import { addSeconds, type Clock } from '../../../lib/time/clock.ts'
import type { ReplayCache } from '../../../model/replay/replay-cache.ts'

export interface ChallengeServices {
  clock: Clock
  /** Authenticates challenges. */
  challengeKey: Uint8Array
  replayCache: ReplayCache
}

/** A challenge that this server has made and that has not expired. */
export interface KnownChallenge {
  challenge: string
  expiresAt: Date
}

/** Half an hour, because the challenge of a sign-in page is made when the page is shown. */
export const CHALLENGE_LIFETIME_SECONDS = 1_800

const RANDOM_BYTES = 16
const TIME_BYTES = 6

/**
 * A challenge for one purpose and one browser or session, in base64url. It carries its expiry and is authenticated, so that
 * showing a page stores nothing. The write that accepts it makes it single-use (WebAuthn §13.4.3).
 */
export function createChallenge(
  { clock, challengeKey }: Pick<ChallengeServices, 'clock' | 'challengeKey'>,
  purpose: string,
): string {
  const time = Buffer.alloc(TIME_BYTES)
  time.writeUIntBE(addSeconds(clock.now(), CHALLENGE_LIFETIME_SECONDS).getTime(), 0, TIME_BYTES)
  const content = Buffer.concat([randomBytes(RANDOM_BYTES), time])
  return Buffer.concat([content, macOf(challengeKey, purpose, content)]).toString('base64url')
}

/** The challenge, if this server made it for this purpose and it has not expired. */
export function readChallenge(
  { clock, challengeKey }: Pick<ChallengeServices, 'clock' | 'challengeKey'>,
  purpose: string,
  challenge: string,
): KnownChallenge | undefined {
  const bytes = Buffer.from(challenge, 'base64url')
  const content = bytes.subarray(0, RANDOM_BYTES + TIME_BYTES)
  if (content.length !== RANDOM_BYTES + TIME_BYTES) return undefined
  if (!equalInConstantTime(bytes.subarray(content.length), macOf(challengeKey, purpose, content))) return undefined
  const expiresAt = new Date(content.readUIntBE(RANDOM_BYTES, TIME_BYTES))
  return expiresAt > clock.now() ? { challenge: bytes.toString('base64url'), expiresAt } : undefined
}

/** Uses up a challenge, for a user of this organisation. False: it was used before, in any process. */
export async function useChallenge(
  { replayCache }: Pick<ChallengeServices, 'replayCache'>,
  { challenge, expiresAt }: KnownChallenge,
  organisationId: string,
): Promise<boolean> {
  return replayCache.consume({ kind: 'passkey_challenge', signer: 'server', jti: challenge, organisationId, expiresAt })
}

const macOf = (key: Uint8Array, purpose: string, content: Uint8Array) =>
  hmacSha256(key, sha256(purpose), content).subarray(0, 16)
