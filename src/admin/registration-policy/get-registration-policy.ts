import { getRegistrationPolicy, type RegistrationPolicyServices } from '../../clients/management/registration-policy.ts'
import { adminOperation } from '../operation.ts'
import { POLICY_PATH, registrationPolicySchema, representPolicy } from './registration-policy.ts'

export const getRegistrationPolicyOperation = (services: RegistrationPolicyServices) =>
  adminOperation({
    method: 'GET',
    path: POLICY_PATH,
    operationId: 'getRegistrationPolicy',
    tag: 'Registration',
    permission: 'clients:read',
    summary: 'Get the registration policy',
    schema: { response: { 200: registrationPolicySchema } },
    async handle({ context }) {
      return representPolicy(await getRegistrationPolicy(services, context))
    },
  })
