import {
  type AdminClient,
  getClient,
  getOrganisation,
  getRole,
  getServiceAccount,
  getTeam,
  getWebhook,
  listPermissions,
  listRoles,
  listServiceAccounts,
  listTeams,
  listWebhooks,
  readAllPages,
  type Role,
} from 'cerberus-idp-admin-client'
import { toFailure } from '../../failure.ts'
import type { DirectoryKind } from './entries.ts'

/** A role, a team, a webhook or the organisation as it is on the server. */
export interface ServerItem {
  id: string
  key: string
  /** The settings that files have, by the names that they have there. */
  view: Readonly<Record<string, unknown>>
  /** Whether the server made it: such a role is never removed. */
  isBuiltIn: boolean
}

/** All items of a kind. */
export async function readItems(api: AdminClient, kind: DirectoryKind): Promise<ServerItem[]> {
  switch (kind) {
    case 'organisation': {
      const { body } = await api.send(getOrganisation())
      return [{ id: body.id, key: 'organisation', view: { ...body }, isBuiltIn: true }]
    }
    case 'roles':
      return (await readAllPages(api, listRoles)).items.map((role) => ({
        id: role.id,
        key: role.slug,
        view: viewOfRole(role),
        isBuiltIn: role.isSystemRole,
      }))
    case 'teams':
      return (await readAllPages(api, listTeams)).items.map(({ id, slug, name, description, roles }) => ({
        id,
        key: slug,
        view: { name, description, roles: roles.map((role) => role.slug) },
        isBuiltIn: false,
      }))
    case 'serviceAccounts':
      return (await readAllPages(api, listServiceAccounts)).items.map(({ id, name, description, roles }) => ({
        id,
        key: name,
        view: { description, roles: roles.map((role) => role.slug) },
        isBuiltIn: false,
      }))
    case 'webhooks':
      return (await readAllPages(api, listWebhooks)).items.map(
        ({ id, url, description, events, clientId, ordered, isActive }) => ({
          id,
          key: url,
          view: { description, events, clientId, ordered, isActive },
          isBuiltIn: false,
        }),
      )
  }
}

const viewOfRole = ({ name, description, isDefault, permissions }: Role) => ({
  name,
  description,
  isDefault,
  permissions: permissions.map(({ slug }) => slug),
})

/** The ETag of an item now. */
export async function readEtag(api: AdminClient, kind: DirectoryKind, id: string): Promise<string> {
  const requests = {
    organisation: getOrganisation,
    roles: getRole,
    teams: getTeam,
    serviceAccounts: getServiceAccount,
    webhooks: getWebhook,
  }
  const request = requests[kind]
  return (await api.send<unknown>(request(id))).headers.get('etag') ?? '*'
}

/** The ids of all roles by their slug. */
export async function readRoleIds(api: AdminClient): Promise<Map<string, string>> {
  return new Map((await readAllPages(api, listRoles)).items.map(({ slug, id }) => [slug, id]))
}

/** The ids of all permissions by their slug. */
export async function readPermissionIds(api: AdminClient): Promise<Map<string, string>> {
  return new Map((await readAllPages(api, listPermissions)).items.map(({ slug, id }) => [slug, id]))
}

/** The id of a client by its clientId; the same text where there is no such client. */
export async function readClientId(api: AdminClient, clientId: string): Promise<string> {
  try {
    return (await api.send(getClient(clientId))).body.id
  } catch (error) {
    if (toFailure(error).reason === 'notFound') return clientId
    throw error
  }
}
