-- AlterTable
ALTER TABLE "authorization_codes" ADD COLUMN     "dpop_jkt" TEXT;

-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "dpop_bound_access_tokens" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "used_proofs" (
    "proof_hash" BYTEA NOT NULL,
    "organisation_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "used_proofs_pkey" PRIMARY KEY ("proof_hash")
);

-- CreateIndex
CREATE INDEX "used_proofs_expires_at_idx" ON "used_proofs"("expires_at");

-- A proof is good for a minute, and whoever uses one waits for this: no write-ahead log, and no flush of it. A crash of
-- PostgreSQL forgets which proofs of the last minute were used, and no more.
ALTER TABLE "used_proofs" SET UNLOGGED;
