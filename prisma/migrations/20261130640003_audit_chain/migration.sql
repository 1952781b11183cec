-- The audit events of each organisation in a hash chain, in blocks. A background job appends to it.
CREATE TABLE "audit_chain_blocks" (
  "organisation_id" UUID NOT NULL,
  "first_sequence" BIGINT NOT NULL,
  "last_sequence" BIGINT NOT NULL,
  "first_occurred_at" TIMESTAMPTZ(3) NOT NULL,
  "last_occurred_at" TIMESTAMPTZ(3) NOT NULL,
  "last_event_id" UUID NOT NULL,
  "event_ids" UUID[] NOT NULL,
  "event_hashes" BYTEA NOT NULL,
  "changes_hashes" JSONB NOT NULL,
  "previous_hash" BYTEA NOT NULL,
  "hash" BYTEA NOT NULL,
  CONSTRAINT "audit_chain_blocks_pkey" PRIMARY KEY ("organisation_id", "first_sequence")
);
CREATE INDEX "audit_chain_blocks_last_event_id_idx" ON "audit_chain_blocks" ("last_event_id");

-- The signed heads of the chains.
CREATE TABLE "audit_checkpoints" (
  "organisation_id" UUID NOT NULL,
  "sequence" BIGINT NOT NULL,
  "hash" BYTEA NOT NULL,
  "jws" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "audit_checkpoints_pkey" PRIMARY KEY ("organisation_id", "sequence")
);

-- Up to which event all chains go.
CREATE TABLE "audit_chain_position" (
  "id" INTEGER NOT NULL DEFAULT 1,
  "event_id" UUID NOT NULL,
  CONSTRAINT "audit_chain_position_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "audit_chain_position_id_check" CHECK ("id" = 1)
);
