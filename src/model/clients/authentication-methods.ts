import type { Client } from './client.ts'

/** The method in which a client signs assertions with its secret. */
export const clientSecretJwt = 'client_secret_jwt'

/** The methods by which a client may authenticate, by their names in the registry of RFC 7591 §2. */
export type AuthenticationMethods = Pick<Client, 'tokenEndpointAuthMethod' | 'additionalTokenEndpointAuthMethods'>

/** The registered method, followed by the additional ones. */
export function allowedAuthMethods(client: AuthenticationMethods): string[] {
  return [client.tokenEndpointAuthMethod, ...client.additionalTokenEndpointAuthMethods]
}

export function allowsAuthMethod(client: AuthenticationMethods, method: string): boolean {
  return client.tokenEndpointAuthMethod === method || client.additionalTokenEndpointAuthMethods.includes(method)
}

/** Whether a client may sign with its secret, so that the secret itself must be stored and not only its hash. */
export function usesClientSecretJwt(client: AuthenticationMethods): boolean {
  return allowsAuthMethod(client, clientSecretJwt)
}
