// `authorize/channels` owns where the response of an authorization request goes: to a redirect URI or to a device.
// A browser channel exists only for a verified client and redirect URI; without one, errors are shown on a page.
// Reading the request belongs to `authorize/request`, issuing the response to `authorize`.

import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { OAuthError } from '../../oauth/errors.ts'

/** What the browser must do. For a device, the browser shows the outcome and the device polls for the result. */
export type FrontChannelResponse =
  | { kind: 'redirect'; location: string }
  | { kind: 'form_post'; action: string; parameters: Record<string, string> }
  | { kind: 'device'; outcome: DeviceOutcome; client: RegisteredClient }

/** The outcome that is shown to the user of a device. */
export type DeviceOutcome = 'approved' | 'denied' | 'unusable'

/** Sends the response of an authorization request to its client. */
export interface ResponseChannel {
  client: RegisteredClient
  respond(parameters: Record<string, string>): Promise<FrontChannelResponse>
  reject(error: OAuthError): Promise<FrontChannelResponse>
}
