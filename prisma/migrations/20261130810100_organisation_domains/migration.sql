-- Domains of e-mail addresses that organisations prove to control.
CREATE TABLE "organisation_domains" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "domain" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "verified_at" TIMESTAMPTZ(3),
    "last_checked_at" TIMESTAMPTZ(3),
    "missing_since" TIMESTAMPTZ(3),
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "organisation_domains_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "organisation_domains_organisation_id_domain_key" ON "organisation_domains"("organisation_id", "domain");
-- One organisation at most has verified a domain.
CREATE UNIQUE INDEX "organisation_domains_verified_key" ON "organisation_domains"("domain") WHERE "verified_at" IS NOT NULL;
ALTER TABLE "organisation_domains" ADD CONSTRAINT "organisation_domains_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
