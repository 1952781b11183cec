import { sha256 } from '../lib/crypto/hash.ts'
import type { DeviceAuthorizationRepository, PollOutcome } from '../model/authorization/device-authorization.ts'
import { deviceCodeGrantType } from '../oauth/device-code.ts'
import { OAuthError } from '../oauth/errors.ts'
import { parseMessage } from '../oauth/messages/message.ts'
import { deviceCodeRequest } from '../oauth/messages/token-request.ts'
import { findTokenResources } from '../clients/resources/named-resources.ts'
import { resourceExceeded } from './resource-exceeded.ts'
import { describeInactiveGrant } from './grant-status.ts'
import type { GrantType } from './grant-type.ts'
import { redeemCode, type RedeemCodeOptions, type CodeRejection } from './redeem-code.ts'

export interface DeviceCodeGrantOptions extends RedeemCodeOptions {
  deviceAuthorizations: Pick<DeviceAuthorizationRepository, 'poll'>
}

/** The stored form of a device code. The prefix keeps it apart from authorization codes. */
export function hashDeviceCode(code: string): Buffer {
  return sha256('device code\n', code)
}

/** Issues tokens to a device that the user has approved (RFC 8628 §3.4, §3.5). A replayed code revokes its grant. */
export function deviceCodeGrant(options: DeviceCodeGrantOptions): GrantType {
  const { clock, deviceAuthorizations } = options
  return {
    name: deviceCodeGrantType,
    issuesIdTokens: true,
    async redeem(form, client, senderConstraint, requestMetadata) {
      const named = await findTokenResources(form, client, options)
      const codeHash = hashDeviceCode(parseMessage(deviceCodeRequest, form).device_code)
      const { id: clientId, organisationId } = client
      const outcome = await deviceAuthorizations.poll({
        deviceCodeHash: codeHash,
        clientId,
        organisationId,
        now: clock.now(),
      })
      if (outcome !== 'approved') throw pollErrors[outcome]()
      const redeemed = await redeemCode(
        { named, codeHash, redirectUri: undefined, codeChallenge: undefined },
        client,
        senderConstraint,
        requestMetadata,
        options,
      )
      if ('authorization' in redeemed) return redeemed.authorization
      if (redeemed.outcome === 'mismatch' && redeemed.mismatch === 'resource') throw resourceExceeded()
      throw new OAuthError('invalid_grant', describeRejection(redeemed), { reason: `device code ${redeemed.outcome}` })
    },
  }
}

const pollErrors: Readonly<Record<Exclude<PollOutcome, 'approved'>, () => OAuthError>> = {
  unknown: () => new OAuthError('invalid_grant', 'The device code is unknown, or was issued to another client.'),
  pending: () =>
    new OAuthError('authorization_pending', 'The user has not decided yet. Poll again after the interval.'),
  slow_down: () => new OAuthError('slow_down', 'The device polls too often. The interval is now five seconds longer.'),
  denied: () => new OAuthError('access_denied', 'The user denied the request.'),
  expired: () => new OAuthError('expired_token', 'The device code has expired. Start again.'),
}

function describeRejection(rejection: CodeRejection): string {
  switch (rejection.outcome) {
    case 'replayed':
      return 'The device code was already used. The tokens that were issued for it have been revoked. Start again.'
    case 'grant_inactive':
      return describeInactiveGrant(rejection.reason)
    case 'unknown':
    case 'expired':
    case 'mismatch':
      return 'The device code has expired. Start again.'
  }
}
