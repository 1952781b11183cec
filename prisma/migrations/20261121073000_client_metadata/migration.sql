-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "application_type" TEXT NOT NULL DEFAULT 'web',
ADD COLUMN     "default_acr_values" TEXT[],
ADD COLUMN     "initiate_login_uri" TEXT,
ADD COLUMN     "introspection_encrypted_response_alg" TEXT,
ADD COLUMN     "introspection_encrypted_response_enc" TEXT,
ADD COLUMN     "introspection_signed_response_alg" TEXT,
ADD COLUMN     "localised" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "require_auth_time" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "require_signed_request_object" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "software_id" TEXT,
ADD COLUMN     "software_version" TEXT;

-- What clients that registered themselves have said so far moves to where administrators can see it.
UPDATE "clients" c SET
  "application_type" = coalesce(r."metadata" ->> 'application_type', 'web'),
  "initiate_login_uri" = r."metadata" ->> 'initiate_login_uri',
  "require_auth_time" = coalesce((r."metadata" ->> 'require_auth_time')::boolean, false),
  "software_id" = r."metadata" ->> 'software_id',
  "software_version" = r."metadata" ->> 'software_version',
  "localised" = coalesce((
    SELECT jsonb_object_agg(tag, members) FROM (
      SELECT split_part(key, '#', 2) AS tag, jsonb_object_agg(
        CASE split_part(key, '#', 1)
          WHEN 'client_name' THEN 'name'
          WHEN 'client_uri' THEN 'clientUri'
          WHEN 'logo_uri' THEN 'logoUri'
          WHEN 'policy_uri' THEN 'policyUri'
          ELSE 'tosUri'
        END, value) AS members
      FROM jsonb_each(r."metadata") WHERE key LIKE '%#%' GROUP BY 1
    ) languages
  ), '{}')
FROM "client_registrations" r
WHERE r."client_id" = c."id" AND r."organisation_id" = c."organisation_id";

UPDATE "client_registrations" SET "metadata" = jsonb_strip_nulls(jsonb_build_object(
  'software_statement', "metadata" -> 'software_statement'));
