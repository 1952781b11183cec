import {
  updateRegistrationPolicy,
  type RegistrationPolicyServices,
} from '../../clients/management/registration-policy.ts'
import { adminOperation } from '../operation.ts'
import { POLICY_PATH, registrationPolicySchema, representPolicy } from './registration-policy.ts'

export const setRegistrationPolicyOperation = (services: RegistrationPolicyServices) =>
  adminOperation({
    method: 'PUT',
    path: POLICY_PATH,
    operationId: 'setRegistrationPolicy',
    tag: 'Registration',
    permission: 'clients:create',
    summary: 'Set the registration policy',
    description:
      'closed: only administrators register clients. token: registration needs an initial access token. open: registration needs no token; such a client is deleted if it is not used within thirty days. Members other than policy that are left out stay unchanged. The policy does not apply to clients whose client_id is the URL of a metadata document: clientIdMetadataDocuments decides whether they are accepted.',
    schema: {
      body: registrationPolicySchema.partial().required({ policy: true }),
      response: { 200: registrationPolicySchema },
    },
    errors: [400],
    example: { policy: 'token', profile: 'openid', softwareStatementRequired: false },
    async handle({ context, request }) {
      return representPolicy(await updateRegistrationPolicy(services, context, request.body))
    },
  })
