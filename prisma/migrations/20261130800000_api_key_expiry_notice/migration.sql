-- When it was announced that a key expires soon. Keys that expire soon are found by their expiry.
ALTER TABLE "api_keys" ADD COLUMN "expiry_noticed_at" TIMESTAMPTZ(3);
CREATE INDEX "api_keys_expires_at_idx" ON "api_keys"("expires_at");
