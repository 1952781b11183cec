-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "organisations" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'active',
    "session_lifetime" INTEGER NOT NULL DEFAULT 3600,
    "session_idle_timeout" INTEGER NOT NULL DEFAULT 1800,
    "audit_tokens" BOOLEAN NOT NULL DEFAULT false,
    "registration_policy" TEXT NOT NULL DEFAULT 'closed',
    "registration_profile" TEXT NOT NULL DEFAULT 'openid',
    "software_statement_required" BOOLEAN NOT NULL DEFAULT false,
    "client_id_metadata_documents" TEXT NOT NULL DEFAULT 'off',
    "client_id_metadata_hosts" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "client_id_metadata_scopes" TEXT[] DEFAULT ARRAY['openid', 'profile', 'email', 'address', 'phone', 'offline_access']::TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "organisations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "email_key" TEXT NOT NULL,
    "email_verified" BOOLEAN NOT NULL DEFAULT false,
    "password_hash" TEXT,
    "name" TEXT,
    "given_name" TEXT,
    "family_name" TEXT,
    "middle_name" TEXT,
    "nickname" TEXT,
    "preferred_username" TEXT,
    "profile" TEXT,
    "picture" TEXT,
    "website" TEXT,
    "gender" TEXT,
    "birthdate" TEXT,
    "zoneinfo" TEXT,
    "locale" TEXT,
    "phone_number" TEXT,
    "phone_number_verified" BOOLEAN NOT NULL DEFAULT false,
    "address" JSONB,
    "last_login_at" TIMESTAMPTZ(3),
    "login_count" INTEGER NOT NULL DEFAULT 0,
    "blocked_at" TIMESTAMPTZ(3),
    "blocked_reason" TEXT,
    "deleted_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "permissions" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "category" TEXT NOT NULL,

    CONSTRAINT "permissions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "roles" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "is_default" BOOLEAN NOT NULL DEFAULT false,
    "is_system" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "roles_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "role_permissions" (
    "role_id" UUID NOT NULL,
    "permission_id" UUID NOT NULL,

    CONSTRAINT "role_permissions_pkey" PRIMARY KEY ("role_id","permission_id")
);

-- CreateTable
CREATE TABLE "user_roles" (
    "user_id" UUID NOT NULL,
    "role_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,

    CONSTRAINT "user_roles_pkey" PRIMARY KEY ("user_id","role_id")
);

-- CreateTable
CREATE TABLE "clients" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "external_id" TEXT,
    "groups" TEXT[],
    "attributes" JSONB NOT NULL DEFAULT '{}',
    "client_type" TEXT NOT NULL,
    "redirect_uris" TEXT[],
    "allowed_origins" TEXT[],
    "grant_types" TEXT[],
    "token_endpoint_auth_method" TEXT NOT NULL,
    "additional_token_endpoint_auth_methods" TEXT[],
    "is_first_party" BOOLEAN NOT NULL DEFAULT false,
    "refresh_token_idle_lifetime" INTEGER,
    "frontchannel_logout_uri" TEXT,
    "frontchannel_logout_session_required" BOOLEAN NOT NULL DEFAULT false,
    "backchannel_logout_uri" TEXT,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "expires_at" TIMESTAMPTZ(3),
    "expiry_notice_days" INTEGER,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "version" INTEGER NOT NULL DEFAULT 1,
    "revoked_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "clients_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "client_search" (
    "client_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "client_search_pkey" PRIMARY KEY ("client_id")
);

-- CreateTable
CREATE TABLE "client_secrets" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "sealed_secret" BYTEA,
    "label" TEXT,
    "expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "client_secrets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "client_last_used" (
    "client_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "used_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "client_last_used_pkey" PRIMARY KEY ("client_id")
);

-- CreateTable
CREATE TABLE "client_secret_last_used" (
    "secret_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "used_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "client_secret_last_used_pkey" PRIMARY KEY ("secret_id")
);

-- CreateTable
CREATE TABLE "client_registrations" (
    "client_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "previous_token_hash" BYTEA,
    "metadata" JSONB NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "client_registrations_pkey" PRIMARY KEY ("client_id")
);

-- CreateTable
CREATE TABLE "client_metadata_documents" (
    "client_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "fetched_at" TIMESTAMPTZ(3) NOT NULL,
    "fresh_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "client_metadata_documents_pkey" PRIMARY KEY ("client_id")
);

-- CreateTable
CREATE TABLE "initial_access_tokens" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "name" TEXT NOT NULL,
    "user_id" UUID,
    "acting_client_id" TEXT,
    "uses_left" INTEGER NOT NULL,
    "scopes" TEXT[],
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "initial_access_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "software_statement_issuers" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "issuer" TEXT NOT NULL,
    "jwks" JSONB,
    "jwks_uri" TEXT,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "software_statement_issuers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "auth_time" TIMESTAMPTZ(3) NOT NULL,
    "amr" TEXT[],
    "ip_address" TEXT,
    "user_agent" TEXT,
    "last_activity_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "backchannel_logout_queue" (
    "session_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "backchannel_logout_queue_pkey" PRIMARY KEY ("session_id","client_id")
);

-- CreateTable
CREATE TABLE "consents" (
    "user_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "scopes" TEXT[],
    "granted_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "consents_pkey" PRIMARY KEY ("user_id","client_id")
);

-- CreateTable
CREATE TABLE "replay_cache" (
    "key_hash" BYTEA NOT NULL,
    "organisation_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "replay_cache_pkey" PRIMARY KEY ("key_hash")
);

-- CreateTable
CREATE TABLE "pending_authorization_requests" (
    "id" TEXT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "parameters" JSONB NOT NULL,
    "browser_cookie_hash" BYTEA NOT NULL,
    "session_id" UUID,
    "consented_scopes" TEXT[],
    "consented" BOOLEAN NOT NULL DEFAULT false,
    "channel" TEXT NOT NULL,
    "device_authorization_id" UUID,
    "pushed_reference_hash" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pending_authorization_requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pushed_authorization_requests" (
    "reference_hash" BYTEA NOT NULL,
    "organisation_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "parameters" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pushed_authorization_requests_pkey" PRIMARY KEY ("reference_hash")
);

-- CreateTable
CREATE TABLE "authorization_failures" (
    "organisation_id" UUID NOT NULL,
    "reference" TEXT NOT NULL,
    "client_id" UUID NOT NULL,
    "error" TEXT NOT NULL,
    "checks" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "authorization_failures_pkey" PRIMARY KEY ("organisation_id","reference")
);

-- CreateTable
CREATE TABLE "grants" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "session_id" UUID,
    "scopes" TEXT[],
    "auth_time" TIMESTAMPTZ(3) NOT NULL,
    "amr" TEXT[],
    "claims" JSONB,
    "offline" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_reason" TEXT,

    CONSTRAINT "grants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "device_authorizations" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "device_code_hash" BYTEA NOT NULL,
    "user_code_hash" BYTEA NOT NULL,
    "scopes" TEXT[],
    "ip_address" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "poll_interval" INTEGER NOT NULL,
    "last_polled_at" TIMESTAMPTZ(3),
    "session_id" UUID,
    "decision" TEXT,

    CONSTRAINT "device_authorizations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "authorization_codes" (
    "code_hash" BYTEA NOT NULL,
    "organisation_id" UUID NOT NULL,
    "grant_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "redirect_uri" TEXT,
    "code_challenge" TEXT,
    "dpop_jkt" TEXT,
    "nonce" TEXT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "consumed_at" TIMESTAMPTZ(3),

    CONSTRAINT "authorization_codes_pkey" PRIMARY KEY ("code_hash")
);

-- CreateTable
CREATE TABLE "refresh_token_families" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "grant_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "seed" BYTEA NOT NULL,
    "generation" INTEGER NOT NULL DEFAULT 0,
    "rotated_at" TIMESTAMPTZ(3) NOT NULL,
    "sender_constraints" TEXT[],
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "refresh_token_families_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "revoked_tokens" (
    "jti" TEXT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "revoked_tokens_pkey" PRIMARY KEY ("jti")
);

-- CreateTable
CREATE TABLE "audit_events" (
    "id" UUID NOT NULL,
    "organisation_id" UUID,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "type" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "success" BOOLEAN NOT NULL,
    "user_id" UUID,
    "client_id" UUID,
    "resource_type" TEXT,
    "resource_id" TEXT,
    "ip_address" TEXT,
    "user_agent" TEXT,
    "request_id" TEXT,
    "metadata" JSONB NOT NULL,

    CONSTRAINT "audit_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signing_keys" (
    "kid" TEXT NOT NULL,
    "alg" TEXT NOT NULL,
    "public_jwk" JSONB NOT NULL,
    "sealed_private_jwk" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "activates_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("kid")
);

-- CreateTable
CREATE TABLE "server_secrets" (
    "name" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "server_secrets_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "rate_limit_counters" (
    "key_hash" BYTEA NOT NULL,
    "count" BIGINT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "rate_limit_counters_pkey" PRIMARY KEY ("key_hash")
);

-- CreateIndex
CREATE UNIQUE INDEX "organisations_slug_key" ON "organisations"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key_key" ON "users"("email_key");

-- CreateIndex
CREATE INDEX "users_organisation_id_id_idx" ON "users"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "permissions_slug_key" ON "permissions"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "roles_organisation_id_slug_key" ON "roles"("organisation_id", "slug");

-- CreateIndex
CREATE INDEX "user_roles_role_id_idx" ON "user_roles"("role_id");

-- CreateIndex
CREATE UNIQUE INDEX "clients_client_id_key" ON "clients"("client_id");

-- CreateIndex
CREATE INDEX "clients_organisation_id_created_at_idx" ON "clients"("organisation_id", "created_at");

-- CreateIndex
CREATE INDEX "clients_organisation_id_name_idx" ON "clients"("organisation_id", "name");

-- CreateIndex
CREATE INDEX "clients_organisation_id_updated_at_idx" ON "clients"("organisation_id", "updated_at");

-- CreateIndex
CREATE INDEX "clients_allowed_origins_idx" ON "clients" USING GIN ("allowed_origins");

-- CreateIndex
CREATE INDEX "clients_expires_at_idx" ON "clients"("expires_at");

-- CreateIndex
CREATE INDEX "client_search_organisation_id_idx" ON "client_search"("organisation_id");

-- CreateIndex
CREATE INDEX "client_secrets_client_id_idx" ON "client_secrets"("client_id");

-- CreateIndex
CREATE INDEX "client_registrations_expires_at_idx" ON "client_registrations"("expires_at");

-- CreateIndex
CREATE INDEX "client_metadata_documents_fetched_at_idx" ON "client_metadata_documents"("fetched_at");

-- CreateIndex
CREATE INDEX "client_metadata_documents_organisation_id_fetched_at_idx" ON "client_metadata_documents"("organisation_id", "fetched_at");

-- CreateIndex
CREATE UNIQUE INDEX "initial_access_tokens_token_hash_key" ON "initial_access_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "initial_access_tokens_organisation_id_created_at_idx" ON "initial_access_tokens"("organisation_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "software_statement_issuers_organisation_id_issuer_key" ON "software_statement_issuers"("organisation_id", "issuer");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_token_hash_key" ON "sessions"("token_hash");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "sessions_expires_at_idx" ON "sessions"("expires_at");

-- CreateIndex
CREATE INDEX "backchannel_logout_queue_next_attempt_at_idx" ON "backchannel_logout_queue"("next_attempt_at");

-- CreateIndex
CREATE INDEX "consents_client_id_granted_at_idx" ON "consents"("client_id", "granted_at");

-- CreateIndex
CREATE INDEX "replay_cache_expires_at_idx" ON "replay_cache"("expires_at");

-- CreateIndex
CREATE INDEX "pending_authorization_requests_expires_at_idx" ON "pending_authorization_requests"("expires_at");

-- CreateIndex
CREATE INDEX "pushed_authorization_requests_expires_at_idx" ON "pushed_authorization_requests"("expires_at");

-- CreateIndex
CREATE INDEX "authorization_failures_expires_at_idx" ON "authorization_failures"("expires_at");

-- CreateIndex
CREATE INDEX "grants_client_id_id_idx" ON "grants"("client_id", "id");

-- CreateIndex
CREATE INDEX "grants_session_id_idx" ON "grants"("session_id");

-- CreateIndex
CREATE UNIQUE INDEX "device_authorizations_device_code_hash_key" ON "device_authorizations"("device_code_hash");

-- CreateIndex
CREATE UNIQUE INDEX "device_authorizations_user_code_hash_key" ON "device_authorizations"("user_code_hash");

-- CreateIndex
CREATE INDEX "device_authorizations_expires_at_idx" ON "device_authorizations"("expires_at");

-- CreateIndex
CREATE INDEX "authorization_codes_expires_at_idx" ON "authorization_codes"("expires_at");

-- CreateIndex
CREATE INDEX "refresh_token_families_grant_id_idx" ON "refresh_token_families"("grant_id");

-- CreateIndex
CREATE INDEX "refresh_token_families_expires_at_idx" ON "refresh_token_families"("expires_at");

-- CreateIndex
CREATE INDEX "revoked_tokens_expires_at_idx" ON "revoked_tokens"("expires_at");

-- CreateIndex
CREATE INDEX "audit_events_organisation_id_occurred_at_idx" ON "audit_events"("organisation_id", "occurred_at");

-- CreateIndex
CREATE INDEX "signing_keys_alg_activates_at_idx" ON "signing_keys"("alg", "activates_at");

-- CreateIndex
CREATE INDEX "rate_limit_counters_expires_at_idx" ON "rate_limit_counters"("expires_at");

-- AddForeignKey
ALTER TABLE "users" ADD CONSTRAINT "users_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "roles" ADD CONSTRAINT "roles_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "role_permissions" ADD CONSTRAINT "role_permissions_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "roles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "role_permissions" ADD CONSTRAINT "role_permissions_permission_id_fkey" FOREIGN KEY ("permission_id") REFERENCES "permissions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_roles" ADD CONSTRAINT "user_roles_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_roles" ADD CONSTRAINT "user_roles_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "roles"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "clients" ADD CONSTRAINT "clients_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_search" ADD CONSTRAINT "client_search_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_secrets" ADD CONSTRAINT "client_secrets_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_last_used" ADD CONSTRAINT "client_last_used_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_secret_last_used" ADD CONSTRAINT "client_secret_last_used_secret_id_fkey" FOREIGN KEY ("secret_id") REFERENCES "client_secrets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_registrations" ADD CONSTRAINT "client_registrations_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_metadata_documents" ADD CONSTRAINT "client_metadata_documents_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "initial_access_tokens" ADD CONSTRAINT "initial_access_tokens_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "software_statement_issuers" ADD CONSTRAINT "software_statement_issuers_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "consents" ADD CONSTRAINT "consents_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "consents" ADD CONSTRAINT "consents_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "consents" ADD CONSTRAINT "consents_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Everything below is written by hand: Prisma's schema language has no word for it. `prisma/schema.sql` lists it as well.

-- Rate-limit counters are not worth write-ahead log: after a crash of PostgreSQL they start from zero. An increment changes
-- no indexed column, so with free space on the page it is a heap-only update.
ALTER TABLE "rate_limit_counters" SET UNLOGGED;
ALTER TABLE "rate_limit_counters" SET (fillfactor = 50);

-- A code is updated once, seconds after it was stored; a family at each rotation. Neither update changes an indexed column.
-- Free space on the page makes them heap-only updates, which write no index.
ALTER TABLE "authorization_codes" SET (fillfactor = 50);
ALTER TABLE "refresh_token_families" SET (fillfactor = 80);
ALTER TABLE "sessions" SET (fillfactor = 80);

-- Each channel has its own columns: a device has no pushed request, and a browser has no device authorization.
ALTER TABLE "pending_authorization_requests" ADD CONSTRAINT "pending_authorization_requests_channel_check" CHECK (
  CASE "channel"
    WHEN 'browser' THEN "device_authorization_id" IS NULL
    WHEN 'device' THEN "device_authorization_id" IS NOT NULL AND "pushed_reference_hash" IS NULL
    ELSE false
  END
);

-- The retention sweep finds deleted clients by this index. It is partial: with the other clients in it, the planner used it
-- to read all of them.
CREATE INDEX "clients_deleted_at_idx" ON "clients"("deleted_at") WHERE "deleted_at" IS NOT NULL;

-- Two clients of an organisation that are not deleted never share an external id, even when both are registered at once.
CREATE UNIQUE INDEX "clients_external_id_key" ON "clients"("organisation_id", "external_id") WHERE "deleted_at" IS NULL;

-- Audit events about clients are few. An index over all events would make each sign-in dearer.
CREATE INDEX "audit_events_client_events_idx" ON "audit_events"("client_id", "id") WHERE "category" = 'client';

-- Grants of devices have no session, by which grants of browsers are found. The index leaves the others out, because they are
-- written far more often.
CREATE INDEX "grants_without_session_idx" ON "grants"("user_id", "client_id") WHERE "session_id" IS NULL;

ALTER TABLE "initial_access_tokens" ADD CONSTRAINT "initial_access_tokens_creator_check"
    CHECK ("user_id" IS NOT NULL OR "acting_client_id" IS NOT NULL);

-- Every process caches clients and signing keys. These triggers notify all processes of each change, whichever statement made
-- it. The payload is the name of the table, or for a client "clients:<id>".
CREATE FUNCTION "notify_table_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('cerberus_changes', TG_TABLE_NAME);
  RETURN NULL;
END
$$;

CREATE FUNCTION "notify_client_change"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed jsonb := to_jsonb(coalesce(NEW, OLD));
BEGIN
  PERFORM pg_notify('cerberus_changes', 'clients:' || (changed ->> TG_ARGV[0]));
  RETURN NULL;
END
$$;

CREATE TRIGGER "notify_change" AFTER INSERT OR UPDATE OR DELETE ON "clients" FOR EACH ROW EXECUTE FUNCTION "notify_client_change"('id');
CREATE TRIGGER "notify_change" AFTER INSERT OR UPDATE OR DELETE ON "client_secrets" FOR EACH ROW EXECUTE FUNCTION "notify_client_change"('client_id');
CREATE TRIGGER "notify_change" AFTER INSERT OR UPDATE OR DELETE ON "organisations" FOR EACH STATEMENT EXECUTE FUNCTION "notify_table_change"();
CREATE TRIGGER "notify_change" AFTER INSERT OR UPDATE OR DELETE ON "signing_keys" FOR EACH STATEMENT EXECUTE FUNCTION "notify_table_change"();

-- Every update of a client increments its version, whichever statement made it. Writes are conditional on the version that they
-- were decided on, and so are requests with `If-Match`.
CREATE FUNCTION "increment_version"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END
$$;

CREATE TRIGGER "increment_version" BEFORE UPDATE ON "clients" FOR EACH ROW EXECUTE FUNCTION "increment_version"();

-- The text that clients are searched by. A trigger maintains it, so that no statement that writes clients has to.
CREATE FUNCTION "upsert_client_search"(client clients) RETURNS void LANGUAGE sql AS $$
  INSERT INTO client_search (client_id, organisation_id, text)
  SELECT client.id, client.organisation_id, lower(concat_ws(E'\n', client.client_id, client.id, client.name,
    client.settings ->> 'description', array_to_string(client.redirect_uris, E'\n'),
    (SELECT string_agg(uri #>> '{}', E'\n') FROM jsonb_path_query(client.settings, '$.postLogoutRedirectUris[*]') uri),
    array_to_string(client.allowed_origins, E'\n'),
    (SELECT string_agg(contact #>> '{}', E'\n') FROM jsonb_path_query(client.settings, '$.contacts[*]') contact),
    client.settings ->> 'clientUri', client.settings ->> 'softwareId'))
  ON CONFLICT (client_id) DO UPDATE SET text = excluded.text WHERE client_search.text <> excluded.text
$$;

CREATE FUNCTION "maintain_client_search"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.deleted_at IS NULL THEN
    PERFORM upsert_client_search(NEW);
  ELSE
    DELETE FROM client_search WHERE client_id = NEW.id;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER "maintain_search" AFTER INSERT OR UPDATE ON "clients" FOR EACH ROW EXECUTE FUNCTION "maintain_client_search"();

-- A trigram index for searches, where PostgreSQL has the extension and the owner of the database may create it (version 13 and
-- later). Without it searches give the same results and read the organisation's rows one after another.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX "client_search_text_idx" ON "client_search" USING GIN ("text" gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'Clients are searched without an index: %', SQLERRM;
END
$$;
