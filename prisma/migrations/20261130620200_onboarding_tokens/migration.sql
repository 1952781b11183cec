-- Each lets the holder of one e-mail address create an organisation, once. They belong to the operator's organisation.
CREATE TABLE "onboarding_tokens" (
  "id" UUID NOT NULL,
  "organisation_id" UUID NOT NULL,
  "token_hash" BYTEA NOT NULL,
  "email" TEXT NOT NULL,
  "email_key" TEXT NOT NULL,
  "created_by" UUID,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "consumed_at" TIMESTAMPTZ(3),
  "consumed_by_organisation_id" UUID,
  "created_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "onboarding_tokens_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "onboarding_tokens_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "onboarding_tokens_token_hash_key" ON "onboarding_tokens" ("token_hash");
CREATE INDEX "onboarding_tokens_organisation_id_created_at_idx" ON "onboarding_tokens" ("organisation_id", "created_at");
CREATE INDEX "onboarding_tokens_expires_at_idx" ON "onboarding_tokens" ("expires_at");
