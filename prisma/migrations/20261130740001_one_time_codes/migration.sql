-- Single-use links and codes that are mailed to users. Both are stored as hashes. A user has one of each purpose for an address.
CREATE TABLE "one_time_codes" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "purpose" TEXT NOT NULL,
    "email_key" TEXT NOT NULL,
    "link_hash" BYTEA NOT NULL,
    "code_hash" BYTEA,
    "browser_hash" BYTEA,
    "context" JSONB NOT NULL DEFAULT '{}',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "consumed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "one_time_codes_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "one_time_codes_user_id_purpose_email_key_key" ON "one_time_codes"("user_id", "purpose", "email_key");
CREATE UNIQUE INDEX "one_time_codes_link_hash_key" ON "one_time_codes"("link_hash");
CREATE INDEX "one_time_codes_expires_at_idx" ON "one_time_codes"("expires_at");
CREATE INDEX "one_time_codes_organisation_id_idx" ON "one_time_codes"("organisation_id");
ALTER TABLE "one_time_codes" ADD CONSTRAINT "one_time_codes_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "one_time_codes" ADD CONSTRAINT "one_time_codes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
