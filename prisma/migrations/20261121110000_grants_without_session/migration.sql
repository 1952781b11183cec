-- Grants of devices hang from no session, by which those of browsers are found. The index holds these alone, so that the
-- others, which are written far more often, pay nothing for it.
CREATE INDEX "grants_without_session_idx" ON "grants"("user_id", "client_id") WHERE "session_id" IS NULL;
