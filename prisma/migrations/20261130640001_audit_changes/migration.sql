-- The fields that an act changed, with their values before and after.
ALTER TABLE "audit_events" ADD COLUMN "changes" JSONB;
