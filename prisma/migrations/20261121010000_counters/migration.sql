-- CreateTable
CREATE TABLE "counters" (
    "key" BYTEA NOT NULL,
    "total" BIGINT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "counters_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "counters_expires_at_idx" ON "counters"("expires_at");

-- What is counted is worth no write-ahead log: a crash may forget it. Counting up changes nothing that is indexed, and
-- with room on the page stays on it.
ALTER TABLE "counters" SET UNLOGGED;
ALTER TABLE "counters" SET (fillfactor = 50);
