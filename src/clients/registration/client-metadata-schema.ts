import { z } from 'zod'
import { newClientSchema } from '../settings/schema.ts'
import { settingByMetadataName } from './client-metadata.ts'

/** The setting of a name, with the names of other settings in its description replaced by those of the metadata. */
function describeMember(setting: keyof typeof newClientSchema.shape): z.ZodType {
  const schema: z.ZodType = newClientSchema.shape[setting]
  const { description } = schema.meta() ?? {}
  if (description === undefined) return schema.optional()
  const names = Object.entries(settingByMetadataName)
  const translated = description.replaceAll(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g, (word) => {
    const [name] = names.find(([, other]) => other === word) ?? []
    return name ?? word
  })
  return schema.meta({ description: translated }).optional()
}

/** The members of RFC 7591 §2 that the server reads. They are parsed as the settings that they stand for. */
const members = {
  ...Object.fromEntries(
    Object.entries(settingByMetadataName).map(([name, setting]) => [name, describeMember(setting)]),
  ),
  scope: z
    .string()
    .meta({ description: 'Scopes, separated by spaces. The default is all scopes that release user data.' })
    .optional(),
  software_statement: z
    .string()
    .meta({
      description:
        'A JWT about the client by a trusted issuer (RFC 7591 section 2.3). Its claims replace those of the request.',
    })
    .optional(),
}

/** Client metadata (RFC 7591 §2). */
export const clientMetadata = z.object(members).meta({
  description: 'RFC 7591 section 2. Unknown members are ignored. Localised members such as client_name#fr are kept.',
})

/** The client information response (RFC 7591 §3.2.1). */
export const registeredClient = z
  .object({
    client_id: z.string(),
    client_id_issued_at: z.int().meta({ description: 'Seconds since 1970-01-01T00:00:00Z.' }),
    client_secret: z.string().meta({ description: 'Returned by the registration request only.' }).optional(),
    client_secret_expires_at: z.int().meta({ description: 'Always 0: the secret does not expire.' }).optional(),
    registration_access_token: z.string().meta({ description: 'Authorizes the next request for this registration.' }),
    registration_client_uri: z.string().meta({ description: 'The URL to read, replace and delete the registration.' }),
    ...members,
    redirect_uris: z.array(z.string()),
  })
  .meta({ description: 'RFC 7591 section 3.2.1.' })
