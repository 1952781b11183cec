-- CreateTable
CREATE TABLE "client_search" (
    "client_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "client_search_pkey" PRIMARY KEY ("client_id")
);

-- CreateIndex
CREATE INDEX "client_search_organisation_id_idx" ON "client_search"("organisation_id");

-- CreateIndex
CREATE INDEX "clients_organisation_id_name_idx" ON "clients"("organisation_id", "name");

-- CreateIndex
CREATE INDEX "clients_organisation_id_updated_at_idx" ON "clients"("organisation_id", "updated_at");

-- AddForeignKey
ALTER TABLE "client_search" ADD CONSTRAINT "client_search_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: what clients are found by. Writers need not know of it, and the release before does not.
CREATE FUNCTION "index_client"(client clients) RETURNS void LANGUAGE sql AS $$
  INSERT INTO client_search (client_id, organisation_id, text)
  SELECT client.id, client.organisation_id, lower(concat_ws(E'\n', client.client_id, client.id, client.name, client.description,
    array_to_string(client.redirect_uris, E'\n'), array_to_string(client.post_logout_redirect_uris, E'\n'),
    array_to_string(client.allowed_origins, E'\n'), array_to_string(client.contacts, E'\n'), client.client_uri,
    (SELECT r.metadata ->> 'software_id' FROM client_registrations r WHERE r.client_id = client.id)))
  ON CONFLICT (client_id) DO UPDATE SET text = excluded.text WHERE client_search.text <> excluded.text
$$;

CREATE FUNCTION "keep_client_search"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.deleted_at IS NULL THEN
    PERFORM index_client(NEW);
  ELSE
    DELETE FROM client_search WHERE client_id = NEW.id;
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION "keep_registration_search"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM index_client(c) FROM clients c WHERE c.id = NEW.client_id AND c.deleted_at IS NULL;
  RETURN NULL;
END
$$;

CREATE TRIGGER "keep_search" AFTER INSERT OR UPDATE ON "clients" FOR EACH ROW EXECUTE FUNCTION "keep_client_search"();
CREATE TRIGGER "keep_search" AFTER INSERT OR UPDATE OF "metadata" ON "client_registrations" FOR EACH ROW EXECUTE FUNCTION "keep_registration_search"();

SELECT index_client(c) FROM clients c WHERE c.deleted_at IS NULL;

-- By hand: an index for parts of texts, where PostgreSQL has its extension and lets the owner of the database create it, as it
-- does since version 13. Without it clients are found as well, by reading the table through.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  -- CreateIndex
  CREATE INDEX "client_search_text_idx" ON "client_search" USING GIN ("text" gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'Clients are searched without an index: %', SQLERRM;
END
$$;
