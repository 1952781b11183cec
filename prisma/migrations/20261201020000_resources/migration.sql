-- Protected resources (RFC 8707): APIs that access tokens are issued for. Settings are read from every process's cache.
CREATE TABLE "resources" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "identifier" TEXT NOT NULL,
    "identifier_key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "resources_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "resources_organisation_id_identifier_key_key" ON "resources"("organisation_id", "identifier_key");
ALTER TABLE "resources" ADD CONSTRAINT "resources_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE FUNCTION "notify_resource_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO cache_invalidations (subject) VALUES ('resources:' || (coalesce(NEW, OLD)).organisation_id);
  RETURN NULL;
END
$$;
CREATE TRIGGER "notify_change" AFTER INSERT OR UPDATE OR DELETE ON "resources"
FOR EACH ROW EXECUTE FUNCTION "notify_resource_change"();
