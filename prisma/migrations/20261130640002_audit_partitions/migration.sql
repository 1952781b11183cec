-- Audit events are partitioned by month, so that old ones are dropped and not deleted. The server makes the partitions of the
-- coming months. The default partition takes events whose month has none. The table as it was becomes the first partition.
ALTER TABLE "audit_events" RENAME TO "audit_events_initial";
ALTER TABLE "audit_events_initial" DROP CONSTRAINT "audit_events_pkey";
ALTER TABLE "audit_events_initial" ADD CONSTRAINT "audit_events_initial_pkey" PRIMARY KEY ("id", "occurred_at");
ALTER INDEX "audit_events_organisation_id_occurred_at_idx" RENAME TO "audit_events_initial_organisation_id_occurred_at_idx";
ALTER INDEX "audit_events_organisation_id_type_occurred_at_idx" RENAME TO "audit_events_initial_organisation_id_type_occurred_at_idx";
ALTER INDEX "audit_events_user_idx" RENAME TO "audit_events_initial_user_idx";
ALTER INDEX "audit_events_client_idx" RENAME TO "audit_events_initial_client_idx";
ALTER INDEX "audit_events_resource_idx" RENAME TO "audit_events_initial_resource_idx";
ALTER INDEX "audit_events_resource_type_idx" RENAME TO "audit_events_initial_resource_type_idx";
ALTER INDEX "audit_events_client_events_idx" RENAME TO "audit_events_initial_client_events_idx";

CREATE TABLE "audit_events" (LIKE "audit_events_initial" INCLUDING DEFAULTS,
  CONSTRAINT "audit_events_pkey" PRIMARY KEY ("id", "occurred_at")) PARTITION BY RANGE ("occurred_at");
CREATE INDEX "audit_events_organisation_id_occurred_at_idx" ON "audit_events" ("organisation_id", "occurred_at");
CREATE INDEX "audit_events_organisation_id_type_occurred_at_idx" ON "audit_events" ("organisation_id", "type", "occurred_at");
CREATE INDEX "audit_events_user_idx" ON "audit_events" ("user_id", "occurred_at") WHERE "user_id" IS NOT NULL;
CREATE INDEX "audit_events_client_idx" ON "audit_events" ("client_id", "occurred_at") WHERE "client_id" IS NOT NULL;
CREATE INDEX "audit_events_resource_idx" ON "audit_events" ("resource_id", "occurred_at") WHERE "resource_id" IS NOT NULL;
CREATE INDEX "audit_events_resource_type_idx" ON "audit_events" ("organisation_id", "resource_type", "occurred_at") WHERE "resource_type" IS NOT NULL;
CREATE INDEX "audit_events_client_events_idx" ON "audit_events" ("client_id", "id") WHERE "category" = 'client';

DO $$
DECLARE
  next_month timestamptz := (date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
  EXECUTE format('ALTER TABLE audit_events ATTACH PARTITION audit_events_initial FOR VALUES FROM (MINVALUE) TO (%L)', next_month);
END $$;
CREATE TABLE "audit_events_default" PARTITION OF "audit_events" DEFAULT;
