-- Whether a client registered itself under the open policy, without an initial access token and without a software statement.
-- Of older registrations that is not known: they count as anonymous.
ALTER TABLE "client_registrations" ADD COLUMN "anonymous" BOOLEAN NOT NULL DEFAULT true;

-- Sessions last at most 12 hours and end after 2 hours without activity, where nothing else was set.
ALTER TABLE "organisations" ALTER COLUMN "session_lifetime" SET DEFAULT 43200,
  ALTER COLUMN "session_idle_timeout" SET DEFAULT 7200;
UPDATE "organisations" SET "session_lifetime" = 43200, "session_idle_timeout" = 7200
WHERE "session_lifetime" = 3600 AND "session_idle_timeout" = 1800;

-- The subject of the `id_token_hint` or `claims` of a stored request. The hint itself, an ID token, is not stored any more.
ALTER TABLE "pending_authorization_requests" ADD COLUMN "hinted_subject" TEXT;
ALTER TABLE "pushed_authorization_requests" ADD COLUMN "hinted_subject" TEXT;
