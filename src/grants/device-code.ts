import { sha256 } from '../lib/hash.ts'
import type { DeviceAuthorizationRepository, PollOutcome } from '../model/authorization/device-authorization.ts'
import { deviceCodeGrantType } from '../oauth/device-code.ts'
import { OAuthError } from '../oauth/errors.ts'
import { parseMessage } from '../oauth/messages/message.ts'
import { deviceCodeRequest } from '../oauth/messages/token-request.ts'
import { describeInactiveGrant } from './grant-status.ts'
import type { GrantType } from './grant-type.ts'
import { redeemCode, type RedeemCodeOptions, type CodeRejection } from './redeem-code.ts'

export interface DeviceCodeGrantOptions extends RedeemCodeOptions {
  deviceAuthorizations: Pick<DeviceAuthorizationRepository, 'poll'>
}

/** How a device code is stored: never as an authorization code would be. */
export function hashDeviceCode(code: string): Buffer {
  return sha256('device code\n', code)
}

/** Gives a device its tokens when the person has allowed it (RFC 8628 §3.4, §3.5). A code presented again ends them. */
export function deviceCodeGrant(options: DeviceCodeGrantOptions): GrantType {
  const { clock, deviceAuthorizations } = options
  return {
    name: deviceCodeGrantType,
    async redeem(form, client, senderConstraint, origin) {
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
        { codeHash, redirectUri: '', codeChallenge: undefined },
        client,
        senderConstraint,
        origin,
        options,
      )
      if ('authorization' in redeemed) return redeemed.authorization
      throw new OAuthError('invalid_grant', describeRejection(redeemed), { reason: `device code ${redeemed.outcome}` })
    },
  }
}

const pollErrors: Readonly<Record<Exclude<PollOutcome, 'approved'>, () => OAuthError>> = {
  unknown: () => new OAuthError('invalid_grant', 'The device code is unknown, or was issued to another client.'),
  pending: () =>
    new OAuthError('authorization_pending', 'The person has not decided yet. Ask again after the interval.'),
  slow_down: () => new OAuthError('slow_down', 'Asked too soon. The interval is five seconds longer from now on.'),
  denied: () => new OAuthError('access_denied', 'The person did not agree.'),
  expired: () => new OAuthError('expired_token', 'The device code has expired. Start again.'),
}

function describeRejection(rejection: CodeRejection): string {
  switch (rejection.outcome) {
    case 'replayed':
      return 'The device code was already used. What was issued for it has been revoked. Start again.'
    case 'grant_inactive':
      return describeInactiveGrant(rejection.reason)
    case 'unknown':
    case 'expired':
    case 'mismatch':
      return 'The device code has expired. Start again.'
  }
}
