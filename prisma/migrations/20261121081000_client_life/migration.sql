-- When a client ends, and the lifetimes that it did not have of its own. By the index the sweeper finds those that end.
-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "authorization_code_lifetime" INTEGER NOT NULL DEFAULT 600,
ADD COLUMN     "expires_at" TIMESTAMPTZ(3),
ADD COLUMN     "expiry_notice" INTEGER,
ADD COLUMN     "refresh_token_idle_lifetime" INTEGER;

-- CreateIndex
CREATE INDEX "clients_expires_at_idx" ON "clients"("expires_at");
