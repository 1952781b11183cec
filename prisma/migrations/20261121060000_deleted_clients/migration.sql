-- By it the sweeper finds the clients that were deleted.
-- CreateIndex
CREATE INDEX "clients_deleted_at_idx" ON "clients"("deleted_at");
