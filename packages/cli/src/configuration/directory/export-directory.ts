import { type AdminClient, bodyMembers, type OpenApiDocument } from 'cerberus-idp-admin-client'
import { keyMembers, ownableKinds } from './entries.ts'
import { readItems } from './server-items.ts'

/** The roles, teams, webhooks and settings of the organisation, as files have them. Roles that the server made are left out. */
export async function exportDirectory(api: AdminClient, document: OpenApiDocument): Promise<Record<string, unknown>> {
  const [organisation] = await readItems(api, 'organisation')
  const members = bodyMembers(document, 'updateOrganisation')
  const settings = Object.entries(organisation?.view ?? {}).filter(([member]) => members.has(member))
  const exported: Record<string, unknown> = { organisation: Object.fromEntries(settings) }
  for (const kind of ownableKinds) {
    const items = (await readItems(api, kind)).filter(({ isBuiltIn }) => !isBuiltIn)
    exported[kind] = items.map(({ key, view }) => ({ [keyMembers[kind]]: key, ...view }))
  }
  return exported
}
