-- Accounts of programs: they hold roles and own API keys.
CREATE TABLE "service_accounts" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "status" TEXT NOT NULL DEFAULT 'active',
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "service_accounts_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "service_accounts_organisation_id_name_key" ON "service_accounts"("organisation_id", "name");
ALTER TABLE "service_accounts" ADD CONSTRAINT "service_accounts_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A role of a user, of a team or of a service account.
ALTER TABLE "role_assignments" ADD COLUMN "service_account_id" UUID;
ALTER TABLE "role_assignments" DROP CONSTRAINT "role_assignments_subject_check";
ALTER TABLE "role_assignments" ADD CONSTRAINT "role_assignments_subject_check" CHECK (num_nonnulls("user_id", "team_id", "service_account_id") = 1);
ALTER TABLE "role_assignments" ADD CONSTRAINT "role_assignments_service_account_id_fkey" FOREIGN KEY ("service_account_id") REFERENCES "service_accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE UNIQUE INDEX "role_assignments_service_account_id_key"
  ON "role_assignments" ("service_account_id", "role_id", (coalesce("within_team_id", '00000000-0000-0000-0000-000000000000'::uuid)))
  WHERE "service_account_id" IS NOT NULL;

-- A key of a user, or of a service account.
ALTER TABLE "api_keys" ALTER COLUMN "user_id" DROP NOT NULL;
ALTER TABLE "api_keys" ADD COLUMN "service_account_id" UUID;
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_owner_check" CHECK (num_nonnulls("user_id", "service_account_id") = 1);
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_service_account_id_fkey" FOREIGN KEY ("service_account_id") REFERENCES "service_accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "api_keys_service_account_id_idx" ON "api_keys"("service_account_id");
