import {
  changeUserEmail,
  deleteUser,
  type EffectivePermission,
  endUserSession,
  endUserSessions,
  explainPermission,
  listUserGrants,
  listUserSessions,
  reactivateUser,
  removeUserPasskey,
  removeUserPassword,
  resetUserMfa,
  restoreUser,
  revokeUserConsent,
  revokeUserConsents,
  revokeUserGrant,
  revokeUserGrants,
  setUserPassword,
  suspendUser,
  updateUser,
  type User,
} from 'cerberus-idp-admin-client'
import { type Act, type Parameter, text, type Values } from './resource.ts'

const reason: Parameter = { name: 'reason', usage: '--reason <text>', help: 'why, for administrators' }

const ending = [
  { noun: 'session', list: ({ id }: User) => listUserSessions(id) },
  { noun: 'grant', list: ({ id }: User) => listUserGrants(id, { limit: '1' }) },
]

/** One by its id, or all of them. */
const oneOrAll = (name: string, plural: string): readonly Parameter[] => [
  { name, usage: `[${name}]`, help: `its id, as \`user ${plural}\` lists it` },
  { name: 'all', usage: '--all', help: `all ${plural}`, type: 'boolean' },
]
const needsOneOrAll = (name: string) => (values: Values) =>
  (values[name] === undefined) === (values['all'] === true) ? undefined : `Name one ${name} by its id, or use --all.`
const which = (name: string, plural: string, values: Values) =>
  values['all'] === true ? `all ${plural}` : `the ${name} ${text(values[name])}`

/** What is done to a user. */
export const userActs: readonly Act<User>[] = [
  {
    verb: 'block',
    help: 'block a user: sessions and everything issued to the user end',
    example: 'ada@acme.example --reason "Left the company"',
    parameters: [reason],
    question: (title) => `Block ${title}?`,
    ends: ending,
    // The server blocks at the time of the request, whatever the instant.
    request: ({ id }, { reason: why }) =>
      updateUser(id, { blockedAt: '1970-01-01T00:00:00Z', blockedReason: why ?? null }),
    done: (title) => `Blocked ${title}.`,
  },
  {
    verb: 'unblock',
    help: 'let a blocked user sign in again',
    example: 'ada@acme.example',
    request: ({ id }) => updateUser(id, { blockedAt: null }),
    done: (title) => `Unblocked ${title}.`,
  },
  {
    verb: 'suspend',
    help: 'suspend the membership of a user',
    example: 'ada@acme.example --reason "On leave"',
    parameters: [reason],
    question: (title) => `Suspend the membership of ${title}?`,
    ends: ending,
    request: ({ id }, { reason: why }) => suspendUser(id, typeof why === 'string' ? why : null),
    done: (title) => `Suspended the membership of ${title}.`,
  },
  {
    verb: 'reactivate',
    help: 'make a suspended membership active again',
    example: 'ada@acme.example',
    request: ({ id }) => reactivateUser(id),
    done: (title) => `The membership of ${title} is active.`,
  },
  {
    verb: 'delete',
    help: 'delete a user, who can be restored for 30 days',
    example: 'ada@acme.example --erase',
    parameters: [{ name: 'erase', usage: '--erase', help: 'erase all personal data now', type: 'boolean' }],
    question: (title, { erase }) => (erase === true ? `Erase ${title} permanently?` : `Delete ${title}?`),
    ends: ending,
    request: ({ id }, { erase }) => deleteUser(id, { erase: erase === true }),
    done: (title, { erase }) => (erase === true ? `Erased ${title}.` : `Deleted ${title}.`),
  },
  {
    verb: 'restore',
    help: 'restore a deleted user',
    example: 'ada@acme.example',
    lookup: { status: 'deleted' },
    request: ({ id }) => restoreUser(id),
    done: (title) => `Restored ${title}.`,
  },
  {
    verb: 'change-email',
    help: 'mail a link to a new address, which confirms the change',
    example: 'ada@acme.example ada@research.example',
    parameters: [{ name: 'email', usage: '<email>', help: 'the new address' }],
    question: (title, { email }) => `Change the e-mail address of ${title} to ${text(email)}?`,
    request: ({ id }, { email }) => changeUserEmail(id, text(email)),
    done: (_title, { email }) => `${text(email)} was sent a link, which confirms the change.`,
  },
  {
    verb: 'set-password',
    help: 'set the password of a user; sessions end',
    example: 'ada@acme.example --password-file password.txt',
    parameters: [
      {
        name: 'password',
        usage: '--password-file <file>',
        help: 'a file with it, or - for standard input',
        type: 'file',
      },
    ],
    problem: ({ password }) =>
      password === undefined ? 'Name a file with the password by --password-file.' : undefined,
    question: (title) => `Set the password of ${title}?`,
    ends: ending,
    request: ({ id }, { password }) => setUserPassword(id, text(password)),
    done: (title) => `Set the password of ${title}.`,
  },
  {
    verb: 'effective',
    help: 'explain whether a user has a permission, and through which roles; exit with 9 if not',
    example: 'ada@acme.example users:read',
    parameters: [{ name: 'permission', usage: '<permission>', help: 'its slug' }],
    request: ({ id }, { permission }) => explainPermission(id, text(permission)),
    report: (body) => showEffective(body as EffectivePermission),
    fails: (body) => !(body as EffectivePermission).granted,
  },
  {
    verb: 'reset-mfa',
    help: 'remove the second factors of a user; sessions end',
    example: 'ada@acme.example',
    question: (title) => `Remove the second factors of ${title}?`,
    ends: ending,
    request: ({ id }) => resetUserMfa(id),
    done: (title) => `Removed the second factors of ${title}.`,
  },
  {
    verb: 'remove-password',
    help: 'remove the password of a user; sessions end',
    example: 'ada@acme.example',
    question: (title) => `Remove the password of ${title}?`,
    ends: ending,
    request: ({ id }) => removeUserPassword(id),
    done: (title) => `Removed the password of ${title}.`,
  },
  {
    verb: 'remove-passkey',
    help: 'remove a passkey of a user; sessions stay',
    example: 'ada@acme.example 0190c5a0-1f2e-7d3c-8b4a-5e6f7a8b9c0d',
    parameters: [{ name: 'passkey', usage: '<passkey>', help: 'its id, as `user sign-in-methods` lists it' }],
    question: (title, { passkey }) => `Remove the passkey ${text(passkey)} of ${title}?`,
    request: ({ id }, { passkey }) => removeUserPasskey(id, text(passkey)),
    done: (title, { passkey }) => `Removed the passkey ${text(passkey)} of ${title}.`,
  },
  {
    verb: 'end-sessions',
    help: 'end a session of a user, or all with everything issued',
    example: 'ada@acme.example --all',
    parameters: oneOrAll('session', 'sessions'),
    problem: needsOneOrAll('session'),
    question: (title, values) => `End ${which('session', 'sessions', values)} of ${title}?`,
    request: ({ id }, { session, all }) => (all === true ? endUserSessions(id) : endUserSession(id, text(session))),
    done: (title, values) => `Ended ${which('session', 'sessions', values)} of ${title}.`,
  },
  {
    verb: 'revoke-grants',
    help: 'revoke a grant of a user, or all grants',
    example: 'ada@acme.example --all',
    parameters: oneOrAll('grant', 'grants'),
    problem: needsOneOrAll('grant'),
    question: (title, values) => `Revoke ${which('grant', 'grants', values)} of ${title}, with the tokens?`,
    request: ({ id }, { grant, all }) => (all === true ? revokeUserGrants(id) : revokeUserGrant(id, text(grant))),
    done: (title, values) => `Revoked ${which('grant', 'grants', values)} of ${title}.`,
  },
  {
    verb: 'revoke-consents',
    help: 'revoke the consent of a user to a client, or all consents',
    example: 'ada@acme.example --all',
    parameters: [
      { name: 'client', usage: '[client]', help: 'the id or clientId of the client' },
      { name: 'all', usage: '--all', help: 'all consents', type: 'boolean' },
    ],
    problem: needsOneOrAll('client'),
    question: (title, values) => `Revoke ${consentOf(values)} of ${title}, with the grants based on it?`,
    request: ({ id }, { client, all }) => (all === true ? revokeUserConsents(id) : revokeUserConsent(id, text(client))),
    done: (title, values) => `Revoked ${consentOf(values)} of ${title}.`,
  },
]

/** Each way to the permission on a line. */
function showEffective({ permission, granted, through }: EffectivePermission): object {
  const ways = through.map(({ role, team, within, expiresAt }) =>
    [
      `role ${role.slug}`,
      ...(team ? [`through team ${team.slug}`] : []),
      ...(within ? [`within team ${within.slug}`] : []),
      ...(expiresAt === null ? [] : [`until ${expiresAt}`]),
    ].join(' '),
  )
  return { permission, granted, through: ways.join('; ') }
}

const consentOf = (values: Values) =>
  values['all'] === true ? 'all consents' : `the consent to ${text(values['client'])}`
