-- What becomes of users whose address has a verified domain.
ALTER TABLE "organisation_domains" ADD COLUMN "membership" TEXT NOT NULL DEFAULT 'none';
ALTER TABLE "organisation_domains" ADD COLUMN "role_id" UUID;
ALTER TABLE "organisation_domains" ADD COLUMN "from_any_organisation" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "organisation_domains" ADD CONSTRAINT "organisation_domains_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "roles"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- The address that the user confirmed by a mail. Administrators can declare an address verified, but cannot set this.
ALTER TABLE "users" ADD COLUMN "email_confirmed_key" TEXT;

-- Members whose home is another organisation: home memberships are `local`.
CREATE INDEX "memberships_guests_idx" ON "memberships" ("organisation_id", "joined_at") WHERE "source" <> 'local';
