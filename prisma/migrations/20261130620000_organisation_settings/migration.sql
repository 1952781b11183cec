-- Settings that no statement filters, joins or sorts by are members of "settings"; a member that is missing has its default.
ALTER TABLE "organisations"
  ADD COLUMN "settings" jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN "version" integer NOT NULL DEFAULT 1;

CREATE TRIGGER increment_version BEFORE UPDATE ON "organisations"
  FOR EACH ROW EXECUTE FUNCTION increment_version();
