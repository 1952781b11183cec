-- The key of a user in another system.
ALTER TABLE "users" ADD COLUMN "external_id" TEXT;
-- Of users with an external id only, so that the index offers itself to no other statement: hot statements would take it to
-- find users who are not deleted.
CREATE UNIQUE INDEX "users_external_id_key" ON "users" ("organisation_id", "external_id")
  WHERE "external_id" IS NOT NULL AND "deleted_at" IS NULL;

-- Sorted by code point, whatever the locale of the database is.
ALTER TABLE "users" ALTER COLUMN "email_key" TYPE TEXT COLLATE "C", ALTER COLUMN "name" TYPE TEXT COLLATE "C";

-- Lists of users are sorted by these. Ids sort by creation.
CREATE INDEX "users_organisation_id_email_key_idx" ON "users" ("organisation_id", "email_key", "id");
CREATE INDEX "users_organisation_id_name_idx" ON "users" ("organisation_id", (coalesce("name", '')), "id");
CREATE INDEX "users_organisation_id_last_login_at_idx"
  ON "users" ("organisation_id", (coalesce("last_login_at", '-infinity'::timestamptz)), "id");
CREATE INDEX "users_deleted_at_idx" ON "users" ("deleted_at") WHERE "deleted_at" IS NOT NULL;

-- What users are found by, beside the narrow table that is joined under every token. A trigger maintains it, so that no
-- statement that writes users has to, those of the previous release included.
CREATE TABLE "user_search" (
  "user_id" UUID NOT NULL,
  "organisation_id" UUID NOT NULL,
  "text" TEXT NOT NULL,
  CONSTRAINT "user_search_pkey" PRIMARY KEY ("user_id"),
  CONSTRAINT "user_search_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "user_search_organisation_id_idx" ON "user_search" ("organisation_id");

CREATE FUNCTION "upsert_user_search"("found" "users") RETURNS void LANGUAGE sql AS $$
  INSERT INTO user_search (user_id, organisation_id, text)
  SELECT found.id, found.organisation_id, fold_text(concat_ws(E'\n', found.email, found.email_key, found.id, found.name,
    found.given_name, found.middle_name, found.family_name, found.nickname, found.preferred_username,
    found.phone_number, found.external_id))
  ON CONFLICT (user_id) DO UPDATE SET text = excluded.text WHERE user_search.text <> excluded.text
$$;

CREATE FUNCTION "maintain_user_search"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM upsert_user_search(NEW);
  RETURN NULL;
END
$$;

-- Named columns: a sign-in updates a user, and finds nothing to do here.
CREATE TRIGGER "maintain_search_of_new" AFTER INSERT ON "users"
FOR EACH ROW EXECUTE FUNCTION "maintain_user_search"();
CREATE TRIGGER "maintain_search" AFTER UPDATE OF "email", "email_key", "name", "given_name", "middle_name", "family_name",
  "nickname", "preferred_username", "phone_number", "external_id" ON "users"
FOR EACH ROW EXECUTE FUNCTION "maintain_user_search"();

SELECT upsert_user_search(u) FROM users u;

-- A trigram index, as for clients.
DO $$
BEGIN
  CREATE INDEX "user_search_text_idx" ON "user_search" USING GIN ("text" gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'Users are searched without an index: %', SQLERRM;
END
$$;
