-- What people have allowed a client is read from its newest on, so that no more is looked at than is shown, however much it is.
-- DropIndex
DROP INDEX "consents_client_id_idx";

-- DropIndex
DROP INDEX "grants_client_id_idx";

-- CreateIndex
CREATE INDEX "consents_client_id_granted_at_idx" ON "consents"("client_id", "granted_at");

-- CreateIndex
CREATE INDEX "grants_client_id_id_idx" ON "grants"("client_id", "id");
