import {
  createOnboardingToken,
  deleteOnboardingToken,
  listOnboardingTokens,
  type OnboardingToken,
} from 'cerberus-idp-admin-client'
import { anyResource, type Resource } from '../resource.ts'

const resource: Resource<OnboardingToken> = {
  noun: 'onboarding-token',
  plural: 'onboarding tokens',
  help: 'tokens with which organisations are created by sign-up, for the operator',
  columns: [
    { member: 'email', isIdentifier: true },
    { member: 'expiresAt', heading: 'EXPIRES' },
    { member: 'consumedAt', heading: 'USED' },
    { member: 'organisationId', isIdentifier: true },
    { member: 'id', isIdentifier: true },
  ],
  idOf: ({ id }) => id,
  namesOf: ({ email }) => [email],
  list: listOnboardingTokens,
  listExample: '--limit 20',
  filters: [],
  fromId: (id) => ({ id }) as OnboardingToken,
  create: {
    operationId: 'createOnboardingToken',
    help: 'create an onboarding token, which is shown once',
    example: 'ada@research.example --expires-in 86400',
    parameters: [
      { name: 'email', usage: '[email]', help: 'the only address that can use it; it can also be in --data' },
      { name: 'expiresIn', usage: '--expires-in <seconds>', help: 'default seven days', type: 'number' },
    ],
    request: createOnboardingToken,
  },
  acts: [
    {
      verb: 'delete',
      help: 'delete an onboarding token, which can then not be used',
      example: 'ada@research.example',
      question: (title) => `Delete the onboarding token of ${title}?`,
      request: ({ id }) => deleteOnboardingToken(id),
      done: (title) => `Deleted the onboarding token of ${title}.`,
    },
  ],
}

export const onboardingTokens = anyResource(resource)
