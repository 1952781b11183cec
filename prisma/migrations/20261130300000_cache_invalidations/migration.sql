-- Changes to the rows that every process caches. Each process reads the new ones several times a second. A transaction
-- identifier orders them: a process compares it with the snapshot of its last read, so it also finds a change whose
-- transaction began earlier and was committed later.
CREATE TABLE "cache_invalidations" (
    "id" BIGSERIAL NOT NULL,
    "transaction_id" xid8 NOT NULL DEFAULT pg_current_xact_id(),
    "subject" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "cache_invalidations_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "cache_invalidations_transaction_id_idx" ON "cache_invalidations"("transaction_id");

-- The triggers of both functions exist. The previous release listens for the notifications.
CREATE OR REPLACE FUNCTION "notify_table_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO cache_invalidations (subject) VALUES (TG_TABLE_NAME);
  PERFORM pg_notify('cerberus_changes', TG_TABLE_NAME);
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION "notify_client_change"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed jsonb := to_jsonb(coalesce(NEW, OLD));
BEGIN
  INSERT INTO cache_invalidations (subject) VALUES ('clients:' || (changed ->> TG_ARGV[0]));
  PERFORM pg_notify('cerberus_changes', 'clients:' || (changed ->> TG_ARGV[0]));
  RETURN NULL;
END
$$;
