import { forbidden, unauthorized } from '../http/problem-dialect.ts'
import { allows, type Administrator } from '../model/permission.ts'
import type { UserRepository } from '../model/user.ts'

/** Whose session a request carries. */
export interface SignedIn {
  userId: string
  organisationId: string
  organisationSlug: string
}

/** What decides whether a request may administer. */
export interface AdministrationAttempt {
  session: SignedIn | undefined
  /** `X-Org-Domain`: the slug of the organisation that the caller believes to act in. */
  organisationHeader: string | undefined
  /** Whether another site makes the browser ask for a change. */
  crossSite: boolean
}

export interface AdministratorOptions {
  findProfile: UserRepository['findProfile']
}

/**
 * Decides who administers. Without a session 401; from another site, in another organisation or without the permission
 * 403, and the session goes on. An organisation that is somebody else's and one that does not exist look the same.
 */
export function createAdministrators({
  findProfile,
}: AdministratorOptions): (attempt: AdministrationAttempt, permission: string) => Promise<Administrator> {
  return async ({ session, organisationHeader, crossSite }, permission) => {
    if (!session) throw unauthorized('Sign in first.')
    if (crossSite) throw forbidden('Changes may not be asked for by pages of another site.')
    const { userId, organisationId, organisationSlug } = session
    if (organisationHeader !== undefined && organisationHeader !== organisationSlug) {
      throw forbidden('The organisation in X-Org-Domain is not the one you are signed in to.')
    }
    const profile = await findProfile({ id: userId, organisationId })
    if (!profile) throw unauthorized('Sign in first.')
    const { permissions } = profile
    if (!allows(permissions, permission)) throw forbidden(`You lack the permission ${permission}.`)
    return { userId, organisationId, organisationSlug, permissions }
  }
}
