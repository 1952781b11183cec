-- By it the sweeper finds the clients that were deleted. Those that were not are no business of it: an index that held them
-- would be a way in to all of them, and the planner has taken it.
CREATE INDEX "clients_deleted_at_idx" ON "clients"("deleted_at") WHERE "deleted_at" IS NOT NULL;
