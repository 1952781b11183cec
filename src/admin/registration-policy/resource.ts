// `admin/registration-policy` owns the operations on the registration policy of an organisation (RFC 7591 §3).
// The policy decides whether clients may register themselves, and with which profile.
// The registration endpoint belongs to `clients/registration`.

import type { RegistrationPolicyServices } from '../../clients/management/registration-policy.ts'
import type { AdminResource } from '../operation.ts'
import { getRegistrationPolicyOperation } from './get-registration-policy.ts'
import { setRegistrationPolicyOperation } from './set-registration-policy.ts'

/** `/v1/admin/registration-policy`: who may register clients. */
export const registrationPolicyResource = (services: RegistrationPolicyServices): AdminResource => ({
  operations: [getRegistrationPolicyOperation(services), setRegistrationPolicyOperation(services)],
})
