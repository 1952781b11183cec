-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- By hand: every write counts, of whichever statement and of whichever release. A write is conditional on the version that
-- it was decided on, and so are requests with `If-Match`.
CREATE FUNCTION "count_version"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END
$$;

CREATE TRIGGER "count_version" BEFORE UPDATE ON "clients" FOR EACH ROW EXECUTE FUNCTION "count_version"();
