import { z } from 'zod'
import * as field from '../../../clients/settings/properties/fields.ts'
import { fieldChanges } from '../../../audit/field-changes.ts'
import { queueEmailChange } from '../../../authentication/recovery/change-email.ts'
import type { RecoveryServices } from '../../../authentication/recovery/mailed-links.ts'
import { isEmailAddress } from '../../../lib/text/email-address.ts'
import type { OrganisationRepository } from '../../../model/organisations/organisation-repository.ts'
import { findUserToChange, userEvent, type UserChanger } from '../../../users/find-user.ts'
import { adminOperation } from '../../operation.ts'
import { USER_PATH, USERS_TAG, userParams } from '../user-path.ts'

export type UserEmailServices = UserChanger & RecoveryServices & { organisations: Pick<OrganisationRepository, 'find'> }

export const changeUserEmailOperation = (services: UserEmailServices) =>
  adminOperation({
    method: 'POST',
    path: `${USER_PATH}/email`,
    operationId: 'changeUserEmail',
    tag: USERS_TAG,
    permission: 'users:update',
    summary: "Change a user's e-mail address",
    description:
      'Mails a link to the new address. When it is confirmed there, the account has the new address, the sessions of the user end, and the former address gets a link that undoes the change for 72 hours. You must hold every permission of the user.',
    schema: {
      params: userParams,
      body: z.strictObject(
        { email: field.validatedString((email) => (isEmailAddress(email) ? undefined : 'must be an e-mail address')) },
        { error: 'must be a JSON object with the member email' },
      ),
      response: { 202: z.object({ message: z.string(), pendingEmail: z.string() }) },
    },
    errors: [400, 404, 409],
    example: { email: 'ada@example.com' },
    async handle({ context, request, reply }) {
      const { email } = request.body
      const user = await findUserToChange(services, context, request.params.id)
      const organisation = await services.organisations.find(context.organisationId)
      const changes = fieldChanges({ email: user.email }, { email })
      const event = userEvent(services, context, 'user.email_change.requested', user, {}, changes)
      await queueEmailChange(
        services,
        { ...user, organisation: organisation?.name ?? context.organisationSlug },
        { email, sessionId: undefined, acceptLanguage: request.headers['accept-language'] },
        event,
      )
      return reply
        .status(202)
        .send({ message: 'The new address gets a link to confirm the change.', pendingEmail: email })
    },
  })
