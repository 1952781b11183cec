import { clientInformation, verifyRegistrationToken, type RegistrationServices } from './registration.ts'

/** RFC 7592 §2.1. */
export async function readRegistration(
  services: RegistrationServices,
  clientId: string,
  token: string | undefined,
): Promise<Record<string, unknown>> {
  const { client, metadata, next } = await verifyRegistrationToken(services, clientId, token)
  return clientInformation(services, client, metadata, next)
}
