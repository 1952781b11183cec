-- When PostgreSQL stored an event, which is after the start of its transaction: readers that follow the events wait for the
-- oldest transaction and miss none. Events that are older than this migration have no such time.
ALTER TABLE "audit_events" ADD COLUMN "recorded_at" TIMESTAMPTZ(6);
ALTER TABLE "audit_events" ALTER COLUMN "recorded_at" SET DEFAULT clock_timestamp();
CREATE INDEX "audit_events_recorded_idx" ON "audit_events" ("organisation_id", "recorded_at", "id") WHERE "recorded_at" IS NOT NULL;
