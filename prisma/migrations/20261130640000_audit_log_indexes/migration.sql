-- The audit log is read newest first: all of it, or by type, user, client or resource.
CREATE INDEX "audit_events_organisation_id_type_occurred_at_idx" ON "audit_events" ("organisation_id", "type", "occurred_at");
CREATE INDEX "audit_events_user_idx" ON "audit_events" ("user_id", "occurred_at") WHERE "user_id" IS NOT NULL;
CREATE INDEX "audit_events_client_idx" ON "audit_events" ("client_id", "occurred_at") WHERE "client_id" IS NOT NULL;
CREATE INDEX "audit_events_resource_idx" ON "audit_events" ("resource_id", "occurred_at") WHERE "resource_id" IS NOT NULL;
CREATE INDEX "audit_events_resource_type_idx" ON "audit_events" ("organisation_id", "resource_type", "occurred_at") WHERE "resource_type" IS NOT NULL;
