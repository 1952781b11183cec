-- The database as the migrations leave it, with what schema.prisma has no word for: partial indexes, checks, storage
-- settings, functions and triggers. Made by `npm run schema:dump`; test/contract/schema-dump.test.ts keeps it true.
-- It is for reading: tables stand in alphabetical order, so it cannot be run as it is.
-- Partitions are left out: the months that they are of depend on the day.
-- The trigram index and its extension are missing where PostgreSQL does not offer pg_trgm.

CREATE EXTENSION pg_trgm;

CREATE TABLE api_keys (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  user_id uuid,
  name text NOT NULL,
  prefix text NOT NULL,
  key_hash bytea NOT NULL,
  scopes text[],
  allowed_addresses text[] DEFAULT ARRAY[]::text[],
  expires_at timestamp(3) with time zone NOT NULL,
  last_used_at timestamp(3) with time zone,
  last_used_address text,
  revoked_at timestamp(3) with time zone,
  revoked_reason text,
  created_at timestamp(3) with time zone NOT NULL,
  expiry_noticed_at timestamp(3) with time zone,
  service_account_id uuid,
  CONSTRAINT api_keys_pkey PRIMARY KEY (id),
  CONSTRAINT api_keys_owner_check CHECK ((num_nonnulls(user_id, service_account_id) = 1)),
  CONSTRAINT api_keys_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT,
  CONSTRAINT api_keys_service_account_id_fkey FOREIGN KEY (service_account_id) REFERENCES service_accounts(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX api_keys_expires_at_idx ON api_keys USING btree (expires_at);
CREATE UNIQUE INDEX api_keys_key_hash_key ON api_keys USING btree (key_hash);
CREATE INDEX api_keys_organisation_id_created_at_idx ON api_keys USING btree (organisation_id, created_at);
CREATE INDEX api_keys_service_account_id_idx ON api_keys USING btree (service_account_id);
CREATE INDEX api_keys_user_id_idx ON api_keys USING btree (user_id);

CREATE TABLE audit_chain_blocks (
  organisation_id uuid NOT NULL,
  first_sequence bigint NOT NULL,
  last_sequence bigint NOT NULL,
  first_occurred_at timestamp(3) with time zone NOT NULL,
  last_occurred_at timestamp(3) with time zone NOT NULL,
  last_event_id uuid NOT NULL,
  event_ids uuid[] NOT NULL,
  event_hashes bytea NOT NULL,
  changes_hashes jsonb NOT NULL,
  previous_hash bytea NOT NULL,
  hash bytea NOT NULL,
  CONSTRAINT audit_chain_blocks_pkey PRIMARY KEY (organisation_id, first_sequence)
);
CREATE INDEX audit_chain_blocks_last_event_id_idx ON audit_chain_blocks USING btree (last_event_id);

CREATE TABLE audit_chain_position (
  id integer NOT NULL DEFAULT 1,
  event_id uuid NOT NULL,
  CONSTRAINT audit_chain_position_pkey PRIMARY KEY (id),
  CONSTRAINT audit_chain_position_id_check CHECK ((id = 1))
);

CREATE TABLE audit_checkpoints (
  organisation_id uuid NOT NULL,
  sequence bigint NOT NULL,
  hash bytea NOT NULL,
  jws text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT audit_checkpoints_pkey PRIMARY KEY (organisation_id, sequence)
);

CREATE TABLE audit_events (
  id uuid NOT NULL,
  organisation_id uuid,
  occurred_at timestamp(3) with time zone NOT NULL,
  type text NOT NULL,
  category text NOT NULL,
  action text NOT NULL,
  success boolean NOT NULL,
  user_id uuid,
  client_id uuid,
  resource_type text,
  resource_id text,
  ip_address text,
  user_agent text,
  request_id text,
  metadata jsonb NOT NULL,
  changes jsonb,
  recorded_at timestamp(6) with time zone DEFAULT clock_timestamp(),
  CONSTRAINT audit_events_pkey PRIMARY KEY (id, occurred_at)
) PARTITION BY RANGE (occurred_at);
CREATE INDEX audit_events_client_events_idx ON ONLY audit_events USING btree (client_id, id) WHERE (category = 'client'::text);
CREATE INDEX audit_events_client_idx ON ONLY audit_events USING btree (client_id, occurred_at) WHERE (client_id IS NOT NULL);
CREATE INDEX audit_events_organisation_id_occurred_at_idx ON ONLY audit_events USING btree (organisation_id, occurred_at);
CREATE INDEX audit_events_organisation_id_type_occurred_at_idx ON ONLY audit_events USING btree (organisation_id, type, occurred_at);
CREATE INDEX audit_events_recorded_idx ON ONLY audit_events USING btree (organisation_id, recorded_at, id) WHERE (recorded_at IS NOT NULL);
CREATE INDEX audit_events_resource_idx ON ONLY audit_events USING btree (resource_id, occurred_at) WHERE (resource_id IS NOT NULL);
CREATE INDEX audit_events_resource_type_idx ON ONLY audit_events USING btree (organisation_id, resource_type, occurred_at) WHERE (resource_type IS NOT NULL);
CREATE INDEX audit_events_user_idx ON ONLY audit_events USING btree (user_id, occurred_at) WHERE (user_id IS NOT NULL);

CREATE TABLE authorization_codes (
  code_hash bytea NOT NULL,
  organisation_id uuid NOT NULL,
  grant_id uuid NOT NULL,
  client_id uuid NOT NULL,
  redirect_uri text,
  code_challenge text,
  dpop_jkt text,
  nonce text,
  expires_at timestamp(3) with time zone NOT NULL,
  consumed_at timestamp(3) with time zone,
  CONSTRAINT authorization_codes_pkey PRIMARY KEY (code_hash)
) WITH (fillfactor=50);
CREATE INDEX authorization_codes_expires_at_idx ON authorization_codes USING btree (expires_at);

CREATE TABLE authorization_failures (
  organisation_id uuid NOT NULL,
  reference text NOT NULL,
  client_id uuid NOT NULL,
  error text NOT NULL,
  checks jsonb NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT authorization_failures_pkey PRIMARY KEY (organisation_id, reference)
);
CREATE INDEX authorization_failures_expires_at_idx ON authorization_failures USING btree (expires_at);

CREATE TABLE backchannel_logout_queue (
  session_id uuid NOT NULL,
  client_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  user_id uuid NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp(3) with time zone NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT backchannel_logout_queue_pkey PRIMARY KEY (session_id, client_id)
);
CREATE INDEX backchannel_logout_queue_client_id_attempts_next_attempt_at_idx ON backchannel_logout_queue USING btree (client_id, attempts, next_attempt_at);
CREATE INDEX backchannel_logout_queue_next_attempt_at_idx ON backchannel_logout_queue USING btree (next_attempt_at);

CREATE TABLE cache_invalidations (
  id bigint NOT NULL DEFAULT nextval('cache_invalidations_id_seq'::regclass),
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  subject text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT cache_invalidations_pkey PRIMARY KEY (id)
);
CREATE INDEX cache_invalidations_transaction_id_idx ON cache_invalidations USING btree (transaction_id);

CREATE TABLE client_last_used (
  client_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  used_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT client_last_used_pkey PRIMARY KEY (client_id),
  CONSTRAINT client_last_used_client_id_fkey FOREIGN KEY (client_id) REFERENCES clients(id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE TABLE client_metadata_documents (
  client_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  fetched_at timestamp(3) with time zone NOT NULL,
  fresh_until timestamp(3) with time zone NOT NULL,
  CONSTRAINT client_metadata_documents_pkey PRIMARY KEY (client_id),
  CONSTRAINT client_metadata_documents_client_id_fkey FOREIGN KEY (client_id) REFERENCES clients(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX client_metadata_documents_fetched_at_idx ON client_metadata_documents USING btree (fetched_at);
CREATE INDEX client_metadata_documents_organisation_id_fetched_at_idx ON client_metadata_documents USING btree (organisation_id, fetched_at);

CREATE TABLE client_registrations (
  client_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  previous_token_hash bytea,
  metadata jsonb NOT NULL,
  expires_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  anonymous boolean NOT NULL DEFAULT true,
  CONSTRAINT client_registrations_pkey PRIMARY KEY (client_id),
  CONSTRAINT client_registrations_client_id_fkey FOREIGN KEY (client_id) REFERENCES clients(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX client_registrations_expires_at_idx ON client_registrations USING btree (expires_at);

CREATE TABLE client_search (
  client_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  text text NOT NULL,
  CONSTRAINT client_search_pkey PRIMARY KEY (client_id),
  CONSTRAINT client_search_client_id_fkey FOREIGN KEY (client_id) REFERENCES clients(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX client_search_organisation_id_idx ON client_search USING btree (organisation_id);
CREATE INDEX client_search_text_idx ON client_search USING gin (text gin_trgm_ops);

CREATE TABLE client_secret_last_used (
  secret_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  used_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT client_secret_last_used_pkey PRIMARY KEY (secret_id),
  CONSTRAINT client_secret_last_used_secret_id_fkey FOREIGN KEY (secret_id) REFERENCES client_secrets(id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE TABLE client_secrets (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  client_id uuid NOT NULL,
  secret_hash bytea NOT NULL,
  sealed_secret bytea,
  label text,
  expires_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT client_secrets_pkey PRIMARY KEY (id),
  CONSTRAINT client_secrets_client_id_fkey FOREIGN KEY (client_id) REFERENCES clients(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX client_secrets_client_id_idx ON client_secrets USING btree (client_id);

CREATE TABLE clients (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  client_id text NOT NULL,
  name text NOT NULL,
  external_id text,
  groups text[],
  attributes jsonb NOT NULL DEFAULT '{}'::jsonb,
  client_type text NOT NULL,
  redirect_uris text[],
  allowed_origins text[],
  grant_types text[],
  token_endpoint_auth_method text NOT NULL,
  additional_token_endpoint_auth_methods text[],
  is_first_party boolean NOT NULL DEFAULT false,
  refresh_token_idle_lifetime integer,
  frontchannel_logout_uri text,
  frontchannel_logout_session_required boolean NOT NULL DEFAULT false,
  backchannel_logout_uri text,
  is_active boolean NOT NULL DEFAULT true,
  expires_at timestamp(3) with time zone,
  expiry_notice_days integer,
  settings jsonb NOT NULL DEFAULT '{}'::jsonb,
  version integer NOT NULL DEFAULT 1,
  revoked_at timestamp(3) with time zone,
  deleted_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  scope_history text[] NOT NULL DEFAULT ARRAY[]::text[],
  CONSTRAINT clients_pkey PRIMARY KEY (id),
  CONSTRAINT clients_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE INDEX clients_allowed_origins_idx ON clients USING gin (allowed_origins);
CREATE UNIQUE INDEX clients_client_id_key ON clients USING btree (client_id);
CREATE INDEX clients_deleted_at_idx ON clients USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);
CREATE INDEX clients_expires_at_idx ON clients USING btree (expires_at);
CREATE UNIQUE INDEX clients_external_id_key ON clients USING btree (organisation_id, external_id) WHERE (deleted_at IS NULL);
CREATE INDEX clients_organisation_id_created_at_idx ON clients USING btree (organisation_id, created_at);
CREATE INDEX clients_organisation_id_name_idx ON clients USING btree (organisation_id, name);
CREATE INDEX clients_organisation_id_updated_at_idx ON clients USING btree (organisation_id, updated_at);

CREATE TABLE consents (
  user_id uuid NOT NULL,
  client_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  scopes text[],
  granted_at timestamp(3) with time zone NOT NULL,
  revoked_at timestamp(3) with time zone,
  CONSTRAINT consents_pkey PRIMARY KEY (user_id, client_id),
  CONSTRAINT consents_client_id_fkey FOREIGN KEY (client_id) REFERENCES clients(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT consents_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT,
  CONSTRAINT consents_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX consents_client_id_granted_at_idx ON consents USING btree (client_id, granted_at);

CREATE TABLE device_authorizations (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  client_id uuid NOT NULL,
  device_code_hash bytea NOT NULL,
  user_code_hash bytea NOT NULL,
  scopes text[],
  ip_address text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  poll_interval integer NOT NULL,
  last_polled_at timestamp(3) with time zone,
  session_id uuid,
  decision text,
  resources text[],
  CONSTRAINT device_authorizations_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX device_authorizations_device_code_hash_key ON device_authorizations USING btree (device_code_hash);
CREATE INDEX device_authorizations_expires_at_idx ON device_authorizations USING btree (expires_at);
CREATE UNIQUE INDEX device_authorizations_user_code_hash_key ON device_authorizations USING btree (user_code_hash);

CREATE TABLE grants (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  client_id uuid NOT NULL,
  user_id uuid NOT NULL,
  session_id uuid,
  scopes text[],
  auth_time timestamp(3) with time zone NOT NULL,
  amr text[],
  claims jsonb,
  offline boolean NOT NULL DEFAULT false,
  created_at timestamp(3) with time zone NOT NULL,
  revoked_at timestamp(3) with time zone,
  revoked_reason text,
  resources text[],
  acr text,
  CONSTRAINT grants_pkey PRIMARY KEY (id)
);
CREATE INDEX grants_client_id_id_idx ON grants USING btree (client_id, id);
CREATE INDEX grants_session_id_idx ON grants USING btree (session_id);
CREATE INDEX grants_without_session_idx ON grants USING btree (user_id, client_id) WHERE (session_id IS NULL);

CREATE TABLE initial_access_tokens (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  name text NOT NULL,
  user_id uuid,
  acting_client_id text,
  uses_left integer NOT NULL,
  scopes text[],
  expires_at timestamp(3) with time zone NOT NULL,
  last_used_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT initial_access_tokens_pkey PRIMARY KEY (id),
  CONSTRAINT initial_access_tokens_creator_check CHECK (((user_id IS NOT NULL) OR (acting_client_id IS NOT NULL))),
  CONSTRAINT initial_access_tokens_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE INDEX initial_access_tokens_organisation_id_created_at_idx ON initial_access_tokens USING btree (organisation_id, created_at);
CREATE UNIQUE INDEX initial_access_tokens_token_hash_key ON initial_access_tokens USING btree (token_hash);

CREATE TABLE invitations (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  email text NOT NULL,
  email_key text NOT NULL,
  token_hash bytea NOT NULL,
  role_ids uuid[],
  team_ids uuid[],
  invited_by uuid,
  expires_at timestamp(3) with time zone NOT NULL,
  accepted_at timestamp(3) with time zone,
  accepted_by uuid,
  revoked_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  mailed boolean NOT NULL DEFAULT false,
  CONSTRAINT invitations_pkey PRIMARY KEY (id),
  CONSTRAINT invitations_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE UNIQUE INDEX invitations_open_key ON invitations USING btree (organisation_id, email_key) WHERE ((accepted_at IS NULL) AND (revoked_at IS NULL));
CREATE INDEX invitations_organisation_id_created_at_idx ON invitations USING btree (organisation_id, created_at);
CREATE UNIQUE INDEX invitations_token_hash_key ON invitations USING btree (token_hash);

CREATE TABLE memberships (
  user_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'active'::text,
  source text NOT NULL DEFAULT 'local'::text,
  external_id text,
  suspended_at timestamp(3) with time zone,
  suspended_reason text,
  joined_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT memberships_pkey PRIMARY KEY (user_id, organisation_id),
  CONSTRAINT memberships_state_check CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text]))),
  CONSTRAINT memberships_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT,
  CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX memberships_external_id_key ON memberships USING btree (organisation_id, external_id) WHERE (external_id IS NOT NULL);
CREATE INDEX memberships_guests_idx ON memberships USING btree (organisation_id, joined_at) WHERE (source <> 'local'::text);
CREATE INDEX memberships_suspended_idx ON memberships USING btree (organisation_id, user_id) WHERE (state = 'suspended'::text);

CREATE TABLE onboarding_tokens (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  email text NOT NULL,
  email_key text NOT NULL,
  created_by uuid,
  expires_at timestamp(3) with time zone NOT NULL,
  consumed_at timestamp(3) with time zone,
  consumed_by_organisation_id uuid,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT onboarding_tokens_pkey PRIMARY KEY (id),
  CONSTRAINT onboarding_tokens_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE INDEX onboarding_tokens_expires_at_idx ON onboarding_tokens USING btree (expires_at);
CREATE INDEX onboarding_tokens_organisation_id_created_at_idx ON onboarding_tokens USING btree (organisation_id, created_at);
CREATE UNIQUE INDEX onboarding_tokens_token_hash_key ON onboarding_tokens USING btree (token_hash);

CREATE TABLE one_time_codes (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  user_id uuid NOT NULL,
  purpose text NOT NULL,
  email_key text NOT NULL,
  link_hash bytea NOT NULL,
  code_hash bytea,
  browser_hash bytea,
  context jsonb NOT NULL DEFAULT '{}'::jsonb,
  attempts integer NOT NULL DEFAULT 0,
  consumed_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT one_time_codes_pkey PRIMARY KEY (id),
  CONSTRAINT one_time_codes_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT,
  CONSTRAINT one_time_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX one_time_codes_expires_at_idx ON one_time_codes USING btree (expires_at);
CREATE UNIQUE INDEX one_time_codes_link_hash_key ON one_time_codes USING btree (link_hash);
CREATE INDEX one_time_codes_organisation_id_idx ON one_time_codes USING btree (organisation_id);
CREATE UNIQUE INDEX one_time_codes_user_id_purpose_email_key_key ON one_time_codes USING btree (user_id, purpose, email_key);

CREATE TABLE organisation_domains (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  domain text NOT NULL,
  token text NOT NULL,
  verified_at timestamp(3) with time zone,
  last_checked_at timestamp(3) with time zone,
  missing_since timestamp(3) with time zone,
  created_by uuid,
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  membership text NOT NULL DEFAULT 'none'::text,
  role_id uuid,
  from_any_organisation boolean NOT NULL DEFAULT false,
  CONSTRAINT organisation_domains_pkey PRIMARY KEY (id),
  CONSTRAINT organisation_domains_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT,
  CONSTRAINT organisation_domains_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles(id) ON UPDATE CASCADE ON DELETE SET NULL
);
CREATE UNIQUE INDEX organisation_domains_organisation_id_domain_key ON organisation_domains USING btree (organisation_id, domain);
CREATE UNIQUE INDEX organisation_domains_verified_key ON organisation_domains USING btree (domain) WHERE (verified_at IS NOT NULL);

CREATE TABLE organisations (
  id uuid NOT NULL,
  slug text NOT NULL,
  name text NOT NULL,
  status text NOT NULL DEFAULT 'active'::text,
  session_lifetime integer NOT NULL DEFAULT 43200,
  session_idle_timeout integer NOT NULL DEFAULT 7200,
  audit_tokens boolean NOT NULL DEFAULT false,
  registration_policy text NOT NULL DEFAULT 'closed'::text,
  registration_profile text NOT NULL DEFAULT 'openid'::text,
  software_statement_required boolean NOT NULL DEFAULT false,
  client_id_metadata_documents text NOT NULL DEFAULT 'off'::text,
  client_id_metadata_hosts text[] DEFAULT ARRAY[]::text[],
  client_id_metadata_scopes text[] DEFAULT ARRAY['openid'::text, 'profile'::text, 'email'::text, 'address'::text, 'phone'::text, 'offline_access'::text],
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  settings jsonb NOT NULL DEFAULT '{}'::jsonb,
  version integer NOT NULL DEFAULT 1,
  is_operator boolean NOT NULL DEFAULT false,
  status_reason text,
  access_ended_at timestamp(3) with time zone,
  deleted_at timestamp(3) with time zone,
  status_before_deletion text,
  purge_started_at timestamp(3) with time zone,
  search_text text GENERATED ALWAYS AS (fold_text(((((((slug || '
'::text) || name) || '
'::text) || (id)::text) || '
'::text) || COALESCE((settings ->> 'email'::text), ''::text)))) STORED,
  CONSTRAINT organisations_pkey PRIMARY KEY (id)
);
CREATE INDEX organisations_deleted_at_idx ON organisations USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);
CREATE UNIQUE INDEX organisations_is_operator_key ON organisations USING btree (is_operator) WHERE is_operator;
CREATE INDEX organisations_name_idx ON organisations USING btree (fold_text(name) COLLATE "C", id);
CREATE UNIQUE INDEX organisations_slug_key ON organisations USING btree (slug);

CREATE TABLE outgoing_mails (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  user_id uuid,
  template text NOT NULL,
  language text NOT NULL,
  recipient text NOT NULL,
  parameters bytea,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp(3) with time zone,
  usable_until timestamp(3) with time zone NOT NULL,
  error text,
  sent_at timestamp(3) with time zone,
  failed_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT outgoing_mails_pkey PRIMARY KEY (id),
  CONSTRAINT outgoing_mails_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT,
  CONSTRAINT outgoing_mails_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX outgoing_mails_expires_at_idx ON outgoing_mails USING btree (expires_at);
CREATE INDEX outgoing_mails_next_attempt_at_idx ON outgoing_mails USING btree (next_attempt_at);
CREATE INDEX outgoing_mails_organisation_id_created_at_idx ON outgoing_mails USING btree (organisation_id, created_at);
CREATE INDEX outgoing_mails_user_id_idx ON outgoing_mails USING btree (user_id);

CREATE TABLE passkeys (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  user_id uuid NOT NULL,
  credential_id bytea NOT NULL,
  public_key bytea NOT NULL,
  sign_count bigint NOT NULL,
  transports text[] NOT NULL,
  backup_eligible boolean NOT NULL,
  backed_up boolean NOT NULL,
  aaguid uuid NOT NULL,
  name text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  last_used_at timestamp(3) with time zone,
  CONSTRAINT passkeys_pkey PRIMARY KEY (id),
  CONSTRAINT passkeys_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT,
  CONSTRAINT passkeys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX passkeys_credential_id_key ON passkeys USING btree (credential_id);
CREATE INDEX passkeys_user_id_idx ON passkeys USING btree (user_id);

CREATE TABLE pending_authorization_requests (
  id text NOT NULL,
  organisation_id uuid NOT NULL,
  client_id uuid NOT NULL,
  parameters jsonb NOT NULL,
  browser_cookie_hash bytea NOT NULL,
  session_id uuid,
  consented_scopes text[],
  consented boolean NOT NULL DEFAULT false,
  channel text NOT NULL,
  device_authorization_id uuid,
  pushed_reference_hash bytea,
  created_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  hinted_subject text,
  signed_in_session_id uuid,
  CONSTRAINT pending_authorization_requests_pkey PRIMARY KEY (id),
  CONSTRAINT pending_authorization_requests_channel_check CHECK (
CASE channel
    WHEN 'browser'::text THEN (device_authorization_id IS NULL)
    WHEN 'device'::text THEN ((device_authorization_id IS NOT NULL) AND (pushed_reference_hash IS NULL))
    ELSE false
END)
);
CREATE INDEX pending_authorization_requests_expires_at_idx ON pending_authorization_requests USING btree (expires_at);

CREATE TABLE pending_sign_ins (
  id text NOT NULL,
  organisation_id uuid NOT NULL,
  user_id uuid NOT NULL,
  browser_cookie_hash bytea NOT NULL,
  session_id uuid,
  authorization_request_id text,
  password_hash_digest bytea,
  stay_signed_in boolean NOT NULL,
  new_totp_secret bytea,
  created_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  required_acr text,
  CONSTRAINT pending_sign_ins_pkey PRIMARY KEY (id),
  CONSTRAINT pending_sign_ins_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT,
  CONSTRAINT pending_sign_ins_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX pending_sign_ins_expires_at_idx ON pending_sign_ins USING btree (expires_at);
CREATE INDEX pending_sign_ins_user_id_idx ON pending_sign_ins USING btree (user_id);

CREATE TABLE permissions (
  id uuid NOT NULL,
  slug text NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  category text NOT NULL,
  CONSTRAINT permissions_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX permissions_slug_key ON permissions USING btree (slug);

CREATE TABLE pushed_authorization_requests (
  reference_hash bytea NOT NULL,
  organisation_id uuid NOT NULL,
  client_id uuid NOT NULL,
  parameters jsonb NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  hinted_subject text,
  CONSTRAINT pushed_authorization_requests_pkey PRIMARY KEY (reference_hash)
);
CREATE INDEX pushed_authorization_requests_expires_at_idx ON pushed_authorization_requests USING btree (expires_at);

CREATE UNLOGGED TABLE rate_limit_counters (
  key_hash bytea NOT NULL,
  count bigint NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT rate_limit_counters_pkey PRIMARY KEY (key_hash)
) WITH (fillfactor=50);
CREATE INDEX rate_limit_counters_expires_at_idx ON rate_limit_counters USING btree (expires_at);

CREATE TABLE recovery_codes (
  user_id uuid NOT NULL,
  code_hash bytea NOT NULL,
  organisation_id uuid NOT NULL,
  used_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash),
  CONSTRAINT recovery_codes_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT,
  CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE TABLE refresh_token_families (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  grant_id uuid NOT NULL,
  client_id uuid NOT NULL,
  seed bytea NOT NULL,
  generation integer NOT NULL DEFAULT 0,
  rotated_at timestamp(3) with time zone NOT NULL,
  sender_constraints text[],
  expires_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT refresh_token_families_pkey PRIMARY KEY (id)
) WITH (fillfactor=80);
CREATE INDEX refresh_token_families_expires_at_idx ON refresh_token_families USING btree (expires_at);
CREATE INDEX refresh_token_families_grant_id_idx ON refresh_token_families USING btree (grant_id);

CREATE TABLE replay_cache (
  key_hash bytea NOT NULL,
  organisation_id uuid NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT replay_cache_pkey PRIMARY KEY (key_hash)
);
CREATE INDEX replay_cache_expires_at_idx ON replay_cache USING btree (expires_at);

CREATE TABLE resources (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  identifier text NOT NULL,
  identifier_key text NOT NULL,
  name text NOT NULL,
  settings jsonb NOT NULL DEFAULT '{}'::jsonb,
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT resources_pkey PRIMARY KEY (id),
  CONSTRAINT resources_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE UNIQUE INDEX resources_organisation_id_identifier_key_key ON resources USING btree (organisation_id, identifier_key);

CREATE TABLE revoked_tokens (
  jti text NOT NULL,
  organisation_id uuid NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT revoked_tokens_pkey PRIMARY KEY (jti)
);
CREATE INDEX revoked_tokens_expires_at_idx ON revoked_tokens USING btree (expires_at);

CREATE TABLE role_assignments (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organisation_id uuid NOT NULL,
  role_id uuid NOT NULL,
  user_id uuid,
  team_id uuid,
  within_team_id uuid,
  granted_by uuid,
  granted_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone,
  service_account_id uuid,
  CONSTRAINT role_assignments_pkey PRIMARY KEY (id),
  CONSTRAINT role_assignments_subject_check CHECK ((num_nonnulls(user_id, team_id, service_account_id) = 1)),
  CONSTRAINT role_assignments_membership_fkey FOREIGN KEY (user_id, organisation_id) REFERENCES memberships(user_id, organisation_id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT role_assignments_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles(id) ON UPDATE CASCADE ON DELETE RESTRICT,
  CONSTRAINT role_assignments_service_account_id_fkey FOREIGN KEY (service_account_id) REFERENCES service_accounts(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT role_assignments_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT role_assignments_within_team_id_fkey FOREIGN KEY (within_team_id) REFERENCES teams(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX role_assignments_role_id_user_id_idx ON role_assignments USING btree (role_id, user_id);
CREATE UNIQUE INDEX role_assignments_service_account_id_key ON role_assignments USING btree (service_account_id, role_id, COALESCE(within_team_id, '00000000-0000-0000-0000-000000000000'::uuid)) WHERE (service_account_id IS NOT NULL);
CREATE UNIQUE INDEX role_assignments_team_id_key ON role_assignments USING btree (team_id, role_id, COALESCE(within_team_id, '00000000-0000-0000-0000-000000000000'::uuid)) WHERE (team_id IS NOT NULL);
CREATE UNIQUE INDEX role_assignments_user_id_key ON role_assignments USING btree (user_id, role_id, COALESCE(within_team_id, '00000000-0000-0000-0000-000000000000'::uuid)) WHERE (user_id IS NOT NULL);
CREATE INDEX role_assignments_within_team_id_idx ON role_assignments USING btree (within_team_id) WHERE (within_team_id IS NOT NULL);

CREATE TABLE role_permissions (
  role_id uuid NOT NULL,
  permission_id uuid NOT NULL,
  CONSTRAINT role_permissions_pkey PRIMARY KEY (role_id, permission_id),
  CONSTRAINT role_permissions_permission_id_fkey FOREIGN KEY (permission_id) REFERENCES permissions(id) ON UPDATE CASCADE ON DELETE RESTRICT,
  CONSTRAINT role_permissions_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles(id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE TABLE roles (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  slug text NOT NULL,
  name text NOT NULL,
  description text,
  is_default boolean NOT NULL DEFAULT false,
  is_system boolean NOT NULL DEFAULT false,
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT roles_pkey PRIMARY KEY (id),
  CONSTRAINT roles_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE UNIQUE INDEX roles_organisation_id_slug_key ON roles USING btree (organisation_id, slug);

CREATE TABLE server_secrets (
  name text NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT server_secrets_pkey PRIMARY KEY (name)
);

CREATE TABLE service_accounts (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  name text NOT NULL,
  description text,
  status text NOT NULL DEFAULT 'active'::text,
  created_by uuid,
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT service_accounts_pkey PRIMARY KEY (id),
  CONSTRAINT service_accounts_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE UNIQUE INDEX service_accounts_organisation_id_name_key ON service_accounts USING btree (organisation_id, name);

CREATE TABLE sessions (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  user_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  auth_time timestamp(3) with time zone NOT NULL,
  amr text[],
  ip_address text,
  user_agent text,
  last_activity_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  ended_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  remembered boolean NOT NULL DEFAULT false,
  methods jsonb,
  CONSTRAINT sessions_pkey PRIMARY KEY (id),
  CONSTRAINT sessions_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT,
  CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE
) WITH (fillfactor=80);
CREATE INDEX sessions_expires_at_idx ON sessions USING btree (expires_at);
CREATE UNIQUE INDEX sessions_token_hash_key ON sessions USING btree (token_hash);
CREATE INDEX sessions_user_id_idx ON sessions USING btree (user_id);

CREATE TABLE signing_keys (
  kid text NOT NULL,
  alg text NOT NULL,
  public_jwk jsonb NOT NULL,
  sealed_private_jwk bytea NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  activates_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT signing_keys_pkey PRIMARY KEY (kid)
);
CREATE INDEX signing_keys_alg_activates_at_idx ON signing_keys USING btree (alg, activates_at);

CREATE TABLE software_statement_issuers (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  issuer text NOT NULL,
  jwks jsonb,
  jwks_uri text,
  scopes text[],
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT software_statement_issuers_pkey PRIMARY KEY (id),
  CONSTRAINT software_statement_issuers_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE UNIQUE INDEX software_statement_issuers_organisation_id_issuer_key ON software_statement_issuers USING btree (organisation_id, issuer);

CREATE TABLE team_members (
  user_id uuid NOT NULL,
  team_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  joined_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT team_members_pkey PRIMARY KEY (user_id, team_id),
  CONSTRAINT team_members_membership_fkey FOREIGN KEY (user_id, organisation_id) REFERENCES memberships(user_id, organisation_id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT team_members_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX team_members_team_id_user_id_idx ON team_members USING btree (team_id, user_id);

CREATE TABLE teams (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  slug text NOT NULL,
  name text NOT NULL,
  description text,
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT teams_pkey PRIMARY KEY (id),
  CONSTRAINT teams_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE UNIQUE INDEX teams_organisation_id_slug_key ON teams USING btree (organisation_id, slug);

CREATE TABLE totp_credentials (
  user_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  secret bytea NOT NULL,
  last_step bigint NOT NULL DEFAULT 0,
  confirmed_at timestamp(3) with time zone,
  last_used_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT totp_credentials_pkey PRIMARY KEY (user_id),
  CONSTRAINT totp_credentials_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT,
  CONSTRAINT totp_credentials_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE TABLE user_attribute_definitions (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  access text NOT NULL,
  required boolean NOT NULL DEFAULT false,
  is_unique boolean NOT NULL DEFAULT false,
  searchable boolean NOT NULL DEFAULT false,
  pattern text,
  max_length integer,
  options text[],
  titles jsonb NOT NULL DEFAULT '{}'::jsonb,
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT user_attribute_definitions_pkey PRIMARY KEY (id),
  CONSTRAINT user_attribute_definitions_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE UNIQUE INDEX user_attribute_definitions_organisation_id_name_key ON user_attribute_definitions USING btree (organisation_id, name);

CREATE TABLE user_attributes (
  user_id uuid NOT NULL,
  attribute_id uuid NOT NULL,
  "position" integer NOT NULL,
  organisation_id uuid NOT NULL,
  value jsonb NOT NULL,
  key bytea NOT NULL,
  unique_key bytea,
  CONSTRAINT user_attributes_pkey PRIMARY KEY (user_id, attribute_id, "position"),
  CONSTRAINT user_attributes_attribute_id_fkey FOREIGN KEY (attribute_id) REFERENCES user_attribute_definitions(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT user_attributes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX user_attributes_attribute_id_key_user_id_idx ON user_attributes USING btree (attribute_id, key, user_id);
CREATE UNIQUE INDEX user_attributes_attribute_id_unique_key_key ON user_attributes USING btree (attribute_id, unique_key);
CREATE INDEX user_attributes_organisation_id_idx ON user_attributes USING btree (organisation_id);

CREATE TABLE user_search (
  user_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  text text NOT NULL,
  CONSTRAINT user_search_pkey PRIMARY KEY (user_id),
  CONSTRAINT user_search_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX user_search_organisation_id_idx ON user_search USING btree (organisation_id);
CREATE INDEX user_search_text_idx ON user_search USING gin (text gin_trgm_ops);

CREATE TABLE users (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  email text NOT NULL,
  email_key text NOT NULL,
  email_verified boolean NOT NULL DEFAULT false,
  password_hash text,
  name text,
  given_name text,
  family_name text,
  middle_name text,
  nickname text,
  preferred_username text,
  profile text,
  picture text,
  website text,
  gender text,
  birthdate text,
  zoneinfo text,
  locale text,
  phone_number text,
  phone_number_verified boolean NOT NULL DEFAULT false,
  address jsonb,
  last_login_at timestamp(3) with time zone,
  login_count integer NOT NULL DEFAULT 0,
  blocked_at timestamp(3) with time zone,
  blocked_reason text,
  deleted_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  external_id text,
  mfa_methods text[] NOT NULL DEFAULT ARRAY[]::text[],
  email_confirmed_key text,
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE INDEX users_blocked_idx ON users USING btree (organisation_id, id) WHERE (blocked_at IS NOT NULL);
CREATE INDEX users_deleted_at_idx ON users USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);
CREATE UNIQUE INDEX users_email_key_key ON users USING btree (email_key);
CREATE UNIQUE INDEX users_external_id_key ON users USING btree (organisation_id, external_id) WHERE ((external_id IS NOT NULL) AND (deleted_at IS NULL));
CREATE INDEX users_organisation_id_email_key_idx ON users USING btree (organisation_id, email_key, id);
CREATE INDEX users_organisation_id_id_idx ON users USING btree (organisation_id, id);
CREATE INDEX users_organisation_id_last_login_at_idx ON users USING btree (organisation_id, COALESCE(last_login_at, '-infinity'::timestamp with time zone), id);
CREATE INDEX users_organisation_id_name_idx ON users USING btree (organisation_id, COALESCE(name, ''::text), id);
CREATE INDEX users_with_mfa_idx ON users USING btree (organisation_id, id) WHERE (mfa_methods <> '{}'::text[]);

CREATE TABLE webhook_deliveries (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  event_id uuid NOT NULL,
  event_occurred_at timestamp(3) with time zone NOT NULL,
  event text NOT NULL,
  ordering_key text,
  sequence bigint NOT NULL,
  status text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp(3) with time zone NOT NULL,
  attempt_log jsonb NOT NULL DEFAULT '[]'::jsonb,
  response_body text,
  delivered_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id)
);
CREATE INDEX webhook_deliveries_ordered_idx ON webhook_deliveries USING btree (endpoint_id, ordering_key, sequence) WHERE ((status = 'pending'::text) AND (ordering_key IS NOT NULL));
CREATE INDEX webhook_deliveries_organisation_id_endpoint_id_id_idx ON webhook_deliveries USING btree (organisation_id, endpoint_id, id);
CREATE INDEX webhook_deliveries_pending_idx ON webhook_deliveries USING btree (endpoint_id, next_attempt_at, sequence) WHERE (status = 'pending'::text);

CREATE TABLE webhook_endpoints (
  id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  url text NOT NULL,
  description text,
  events text[],
  audit_types text[],
  event_names text[],
  client_id uuid,
  ordered boolean NOT NULL,
  is_active boolean NOT NULL,
  sealed_secret bytea NOT NULL,
  sealed_previous_secret bytea,
  previous_secret_expires_at timestamp(3) with time zone,
  failure_count integer NOT NULL DEFAULT 0,
  last_failure_at timestamp(3) with time zone,
  paused_until timestamp(3) with time zone,
  disabled_reason text,
  last_triggered_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_endpoints_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE INDEX webhook_endpoints_organisation_id_created_at_idx ON webhook_endpoints USING btree (organisation_id, created_at);

CREATE OR REPLACE FUNCTION create_home_membership()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO memberships (user_id, organisation_id, joined_at, updated_at)
  VALUES (NEW.id, NEW.organisation_id, NEW.created_at, NEW.created_at);
  RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION fold_text(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN lower((NORMALIZE(value, NFC) COLLATE pg_c_utf8));

CREATE OR REPLACE FUNCTION increment_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END
$function$;

CREATE OR REPLACE FUNCTION maintain_client_search()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF NEW.deleted_at IS NULL THEN
    PERFORM upsert_client_search(NEW);
  ELSE
    DELETE FROM client_search WHERE client_id = NEW.id;
  END IF;
  RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION maintain_scope_history()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  NEW.scope_history := ARRAY(
    SELECT scope FROM (
      SELECT unnest(OLD.scope_history)
      UNION
      SELECT jsonb_array_elements_text(NEW.settings -> 'scopes') WHERE jsonb_typeof(NEW.settings -> 'scopes') = 'array'
    ) AS scopes(scope)
    WHERE scope = '*' OR scope LIKE '%:%'
    ORDER BY scope
  );
  RETURN NEW;
END
$function$;

CREATE OR REPLACE FUNCTION maintain_user_search()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM upsert_user_search(NEW);
  RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION notify_client_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  changed jsonb := to_jsonb(coalesce(NEW, OLD));
BEGIN
  INSERT INTO cache_invalidations (subject) VALUES ('clients:' || (changed ->> TG_ARGV[0]));
  PERFORM pg_notify('cerberus_changes', 'clients:' || (changed ->> TG_ARGV[0]));
  RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION notify_resource_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO cache_invalidations (subject) VALUES ('resources:' || (coalesce(NEW, OLD)).organisation_id);
  RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION notify_table_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO cache_invalidations (subject) VALUES (TG_TABLE_NAME);
  PERFORM pg_notify('cerberus_changes', TG_TABLE_NAME);
  RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION queue_webhook_deliveries()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  endpoint record;
  milliseconds text;
BEGIN
  FOR endpoint IN
    SELECT w.id, w.ordered, w.event_names[array_position(w.audit_types, NEW.type)] AS event FROM webhook_endpoints w
    WHERE w.organisation_id = NEW.organisation_id AND w.is_active AND NEW.type = ANY (w.audit_types)
      AND (w.client_id IS NULL OR w.client_id = NEW.client_id)
  LOOP
    milliseconds := lpad(to_hex((extract(epoch FROM NEW.occurred_at) * 1000)::bigint), 12, '0');
    INSERT INTO webhook_deliveries (id, organisation_id, endpoint_id, event_id, event_occurred_at, event, ordering_key,
      status, next_attempt_at, created_at)
    VALUES (
      (left(milliseconds, 8) || '-' || right(milliseconds, 4) || '-7' || substr(gen_random_uuid()::text, 16))::uuid,
      NEW.organisation_id, endpoint.id, NEW.id, NEW.occurred_at, endpoint.event,
      CASE WHEN endpoint.ordered THEN coalesce(NEW.resource_type || ':' || NEW.resource_id, NEW.user_id::text) END,
      'pending', NEW.occurred_at, NEW.occurred_at);
  END LOOP;
  RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION upsert_client_search(client clients)
 RETURNS void
 LANGUAGE sql
AS $function$
  INSERT INTO client_search (client_id, organisation_id, text)
  SELECT client.id, client.organisation_id, fold_text(concat_ws(E'\n', client.client_id, client.id, client.name,
    client.settings ->> 'description', array_to_string(client.redirect_uris, E'\n'),
    (SELECT string_agg(uri #>> '{}', E'\n') FROM jsonb_path_query(client.settings, '$.postLogoutRedirectUris[*]') uri),
    array_to_string(client.allowed_origins, E'\n'),
    (SELECT string_agg(contact #>> '{}', E'\n') FROM jsonb_path_query(client.settings, '$.contacts[*]') contact),
    client.settings ->> 'clientUri', client.settings ->> 'softwareId'))
  ON CONFLICT (client_id) DO UPDATE SET text = excluded.text WHERE client_search.text <> excluded.text
$function$;

CREATE OR REPLACE FUNCTION upsert_user_search(found users)
 RETURNS void
 LANGUAGE sql
AS $function$
  INSERT INTO user_search (user_id, organisation_id, text)
  SELECT found.id, found.organisation_id, fold_text(concat_ws(E'\n', found.email, found.email_key, found.id, found.name,
    found.given_name, found.middle_name, found.family_name, found.nickname, found.preferred_username,
    found.phone_number, found.external_id, (
      SELECT string_agg(v.value #>> '{}', E'\n') FROM user_attributes v JOIN user_attribute_definitions d ON d.id = v.attribute_id
      WHERE v.user_id = found.id AND d.searchable)))
  ON CONFLICT (user_id) DO UPDATE SET text = excluded.text WHERE user_search.text <> excluded.text
$function$;

CREATE TRIGGER queue_webhook_deliveries AFTER INSERT ON audit_events FOR EACH ROW WHEN ((new.type <> ALL (ARRAY['oauth2.token_issued'::text, 'oauth2.token_refreshed'::text]))) EXECUTE FUNCTION queue_webhook_deliveries();
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE ON client_secrets FOR EACH ROW EXECUTE FUNCTION notify_client_change('client_id');
CREATE TRIGGER increment_version BEFORE UPDATE ON clients FOR EACH ROW EXECUTE FUNCTION increment_version();
CREATE TRIGGER maintain_scope_history BEFORE INSERT OR UPDATE ON clients FOR EACH ROW EXECUTE FUNCTION maintain_scope_history();
CREATE TRIGGER maintain_search AFTER INSERT OR UPDATE ON clients FOR EACH ROW EXECUTE FUNCTION maintain_client_search();
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE ON clients FOR EACH ROW EXECUTE FUNCTION notify_client_change('id');
CREATE TRIGGER increment_version BEFORE UPDATE ON organisations FOR EACH ROW EXECUTE FUNCTION increment_version();
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE ON organisations FOR EACH STATEMENT EXECUTE FUNCTION notify_table_change();
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE ON resources FOR EACH ROW EXECUTE FUNCTION notify_resource_change();
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE ON signing_keys FOR EACH STATEMENT EXECUTE FUNCTION notify_table_change();
CREATE TRIGGER create_home_membership AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION create_home_membership();
CREATE TRIGGER maintain_search AFTER UPDATE OF email, email_key, name, given_name, middle_name, family_name, nickname, preferred_username, phone_number, external_id ON users FOR EACH ROW EXECUTE FUNCTION maintain_user_search();
CREATE TRIGGER maintain_search_of_new AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION maintain_user_search();
