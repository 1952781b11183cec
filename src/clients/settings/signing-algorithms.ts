import type { ClientSettings } from '../../model/clients/client.ts'

/** The algorithms with which this server signs for a client with these settings. */
export function signingAlgorithmsOf(settings: Partial<ClientSettings>): string[] {
  return [
    settings.idTokenSignedResponseAlg,
    settings.accessTokenSigningAlg,
    settings.userinfoSignedResponseAlg,
    settings.introspectionSignedResponseAlg,
    settings.authorizationSignedResponseAlg,
  ].filter((alg) => typeof alg === 'string')
}
