import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import { registrationEvent, verifyRegistrationToken, type RegistrationServices } from './registration.ts'

/** RFC 7592 §2.3: everything issued to the client becomes invalid. */
export async function deleteRegistration(
  services: RegistrationServices,
  clientId: string,
  token: string | undefined,
  requestMetadata: RequestMetadata,
): Promise<void> {
  const { client } = await verifyRegistrationToken(services, clientId, token)
  const event = registrationEvent(services, 'client.deleted', client, requestMetadata)
  await services.clients.delete(client, undefined, event.occurredAt, event)
}
