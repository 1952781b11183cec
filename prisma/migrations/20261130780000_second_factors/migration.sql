-- The second factors that a user has, kept with the user: every sign-in reads them.
ALTER TABLE "users" ADD COLUMN "mfa_methods" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];
CREATE INDEX "users_with_mfa_idx" ON "users"("organisation_id", "id") WHERE "mfa_methods" <> '{}';

-- An authenticator app of a user (RFC 6238). The secret is sealed. Without a confirmation it does not count.
CREATE TABLE "totp_credentials" (
    "user_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "secret" BYTEA NOT NULL,
    "last_step" BIGINT NOT NULL DEFAULT 0,
    "confirmed_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "totp_credentials_pkey" PRIMARY KEY ("user_id")
);
ALTER TABLE "totp_credentials" ADD CONSTRAINT "totp_credentials_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "totp_credentials" ADD CONSTRAINT "totp_credentials_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Codes that replace the authenticator app, each once. They are stored as an HMAC under a key of the server.
CREATE TABLE "recovery_codes" (
    "user_id" UUID NOT NULL,
    "code_hash" BYTEA NOT NULL,
    "organisation_id" UUID NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "recovery_codes_pkey" PRIMARY KEY ("user_id", "code_hash")
);
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A sign-in whose second factor is due, and the browser that it belongs to. No session exists yet, except for a step-up.
CREATE TABLE "pending_sign_ins" (
    "id" TEXT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "browser_cookie_hash" BYTEA NOT NULL,
    "session_id" UUID,
    "authorization_request_id" TEXT,
    "password_hash_digest" BYTEA,
    "stay_signed_in" BOOLEAN NOT NULL,
    "new_totp_secret" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pending_sign_ins_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "pending_sign_ins_expires_at_idx" ON "pending_sign_ins"("expires_at");
CREATE INDEX "pending_sign_ins_user_id_idx" ON "pending_sign_ins"("user_id");
ALTER TABLE "pending_sign_ins" ADD CONSTRAINT "pending_sign_ins_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "pending_sign_ins" ADD CONSTRAINT "pending_sign_ins_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
