import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  createRegistrationOptions,
  registerPasskey,
  removePasskey,
  renamePasskey,
  TooManyPasskeys,
  type PasskeyManagement,
  type PasskeyOwner,
} from '../../authentication/passkeys/manage-passkeys.ts'
import { providerOf } from '../../authentication/factors/passkey/providers.ts'
import type { BrowserSessions } from '../../authentication/sessions/browser-sessions.ts'
import { isRecentSignIn } from '../../authentication/sessions/recent-sign-in.ts'
import { interactionUrls, resumeUrl } from '../../authorize/interaction-urls.ts'
import { pageContentSecurityPolicy, sendPage } from '../../http/errors/page-error-handler.ts'
import type { Cookies } from '../../http/request/cookies.ts'
import { readForm, readQuery } from '../../http/request/forms.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { isOwnForm, type CsrfTokens } from '../../http/security/csrf.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { Conflict, InvalidInput, NotFound } from '../../lib/domain-error.ts'
import type { UserRepository } from '../../model/users/user.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { chooseLocale } from '../../pages/messages/locale.ts'
import { passkeysPage, type PasskeysProps } from '../../pages/passkeys/passkeys.tsx'
import { passkeyScriptHash } from '../../pages/passkeys/script.ts'
import { styleHash } from '../../pages/theme/style.ts'
import { passkeyName, readCredential, registrationSchema } from '../passkeys/credentials.ts'
import { PASSKEYS_PAGE } from './return-path.ts'

export type PasskeysPageOptions = PasskeyManagement & {
  cookies: Cookies
  csrfTokens: CsrfTokens
  browserSessions: BrowserSessions
  users: Pick<UserRepository, 'findProfile'>
}

const SIGN_IN_URL = `${interactionUrls.login}?${new URLSearchParams({ return_to: PASSKEYS_PAGE })}`
const outcomes = ['added', 'renamed', 'removed'] as const
type Outcome = (typeof outcomes)[number]
const policy = pageContentSecurityPolicy({ style: styleHash, script: passkeyScriptHash })

/** The user of the page. `isRecent`: they have signed in recently enough to change how they sign in. */
interface Visitor {
  owner: PasskeyOwner
  isRecent: boolean
}

/** The page on which users manage their passkeys. */
export function passkeysPages(scope: FastifyInstance, options: PasskeysPageOptions): void {
  const { clock, cookies, csrfTokens, browserSessions, passkeys, relyingParty, users } = options
  if (!relyingParty) return

  async function findVisitor(request: FastifyRequest): Promise<Visitor | undefined> {
    const { session } = (await browserSessions.find(cookies.session(request))) ?? {}
    const now = clock.now()
    const profile =
      session && (await users.findProfile({ id: session.userId, organisationId: session.organisationId }, now))
    if (!profile) return undefined
    const { user, organisation } = profile
    const owner = { user, organisation, sessionId: session.id, requestMetadata: requestMetadata(request) }
    return { owner, isRecent: isRecentSignIn(session.authTime, now) }
  }

  async function render(
    request: FastifyRequest,
    reply: FastifyReply,
    { owner, isRecent }: Visitor,
    parameters: Parameters,
    more: Pick<PasskeysProps, 'done' | 'error'>,
  ) {
    const html = passkeysPage({
      locale: chooseLocale(undefined, request.headers['accept-language']),
      action: PASSKEYS_PAGE,
      csrf: csrfTokens.create(cookies.ensureBrowserId(request, reply), PASSKEYS_PAGE),
      email: owner.user.email,
      passkeys: (await passkeys.list(owner.user)).map((passkey) => ({
        ...passkey,
        provider: providerOf(passkey.aaguid),
        synced: passkey.backupEligible,
      })),
      creation: isRecent ? await createRegistrationOptions(options, owner) : undefined,
      signInAgainUrl: requiredBy(parameters) ? continueUrl(parameters) : SIGN_IN_URL,
      backUrl: continueUrl(parameters),
      offer: isOffer(parameters) ? { request: parameters.get('request') } : undefined,
      required: requiredBy(parameters),
      ...more,
    })
    return sendPage(reply, html, policy)
  }

  async function change({ owner, isRecent }: Visitor, form: Parameters): Promise<Outcome | PasskeysProps['error']> {
    const id = form.get('id') ?? ''
    const action = form.get('action')
    if (action === 'rename') {
      const name = passkeyName.safeParse(form.get('name')).data
      if (name === undefined) return 'name'
      await renamePasskey(options, owner, id, name)
      return 'renamed'
    }
    if (!isRecent) return 'csrf'
    if (action === 'remove') {
      await removePasskey(options, owner, id)
      return 'removed'
    }
    const registration = readCredential(registrationSchema, form.get('credential'))
    if (!registration) return 'credential'
    await registerPasskey(options, owner, registration, undefined)
    return 'added'
  }

  scope.get(PASSKEYS_PAGE, async (request, reply) => {
    const visitor = await findVisitor(request)
    if (!visitor) return reply.redirect(SIGN_IN_URL)
    const query = readQuery(request)
    const done = query.get('done')
    return render(request, reply, visitor, query, { done: outcomes.find((outcome) => outcome === done) })
  })

  scope.post(PASSKEYS_PAGE, async (request, reply) => {
    const form = readForm(request)
    const visitor = await findVisitor(request)
    if (!visitor) return reply.redirect(SIGN_IN_URL, 303)
    if (!isOwnForm(options, PASSKEYS_PAGE, request, form)) {
      return render(request, reply.status(403), visitor, form, { error: 'csrf' })
    }
    const outcome = await change(visitor, form).catch((error: unknown) => refusalOf(error, form.get('action')))
    const done = outcomes.find((each) => each === outcome)
    // The user goes on at once.
    if (done === 'added' && (isOffer(form) || requiredBy(form))) return reply.redirect(continueUrl(form), 303)
    if (done !== undefined) return reply.redirect(`${PASSKEYS_PAGE}?${new URLSearchParams({ done })}`, 303)
    return render(request, reply.status(400), visitor, form, { error: outcome as PasskeysProps['error'] })
  })

  rejectOtherMethods(scope, PASSKEYS_PAGE, ['GET', 'POST'])
}

/** Whether the page offers a passkey to a user who has just signed in with a password. */
const isOffer = (parameters: Parameters) => parameters.get('offer') === 'true'

/** The authorization request that needs a passkey before it continues: the page is its next step. */
function requiredBy(parameters: Parameters): PasskeysProps['required'] {
  const request = parameters.get('request')
  if (isOffer(parameters) || request === undefined) return undefined
  return { request, cancelUrl: resumeUrl(request, 'cancel') }
}

/** Where the user goes on: to the authorization request that the offer interrupts. */
function continueUrl(parameters: Parameters): string {
  const request = parameters.get('request')
  return request === undefined ? interactionUrls.login : resumeUrl(request)
}

/** What the page says about a refused change. Rethrows other errors. */
function refusalOf(error: unknown, action: string | undefined): PasskeysProps['error'] {
  if (error instanceof NotFound) return 'gone'
  if (error instanceof InvalidInput) return 'credential'
  if (error instanceof TooManyPasskeys) return 'many'
  if (error instanceof Conflict) return action === 'remove' ? 'last' : 'taken'
  throw error
}
