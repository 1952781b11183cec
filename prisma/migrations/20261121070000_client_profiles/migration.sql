-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "profile" TEXT NOT NULL DEFAULT 'openid';

-- AlterTable
ALTER TABLE "organisations" ADD COLUMN     "registration_profile" TEXT NOT NULL DEFAULT 'openid';

-- Of a secret that nobody signs with the hash is enough.
UPDATE "client_secrets" s SET "sealed_secret" = NULL FROM "clients" c
WHERE c."id" = s."client_id" AND s."sealed_secret" IS NOT NULL AND c."token_endpoint_auth_method" <> 'client_secret_jwt';
