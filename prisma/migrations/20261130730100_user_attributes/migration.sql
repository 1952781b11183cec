-- Attributes of users beside the standard claims: an organisation defines them, and values are stored beside the users.
CREATE TABLE "user_attribute_definitions" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "access" TEXT NOT NULL,
    "required" BOOLEAN NOT NULL DEFAULT false,
    "is_unique" BOOLEAN NOT NULL DEFAULT false,
    "searchable" BOOLEAN NOT NULL DEFAULT false,
    "pattern" TEXT,
    "max_length" INTEGER,
    "options" TEXT[],
    "titles" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "user_attribute_definitions_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "user_attribute_definitions_organisation_id_name_key" ON "user_attribute_definitions"("organisation_id", "name");
ALTER TABLE "user_attribute_definitions" ADD CONSTRAINT "user_attribute_definitions_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- One row for each value; of a list, one for each entry. `key` is the SHA-256 of the value: values may be longer than an
-- index entry.
CREATE TABLE "user_attributes" (
    "user_id" UUID NOT NULL,
    "attribute_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "organisation_id" UUID NOT NULL,
    "value" JSONB NOT NULL,
    "key" BYTEA NOT NULL,
    "unique_key" BYTEA,

    CONSTRAINT "user_attributes_pkey" PRIMARY KEY ("user_id", "attribute_id", "position")
);
CREATE INDEX "user_attributes_attribute_id_key_user_id_idx" ON "user_attributes"("attribute_id", "key", "user_id");
CREATE INDEX "user_attributes_organisation_id_idx" ON "user_attributes"("organisation_id");
CREATE UNIQUE INDEX "user_attributes_attribute_id_unique_key_key" ON "user_attributes"("attribute_id", "unique_key");
ALTER TABLE "user_attributes" ADD CONSTRAINT "user_attributes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "user_attributes" ADD CONSTRAINT "user_attributes_attribute_id_fkey" FOREIGN KEY ("attribute_id") REFERENCES "user_attribute_definitions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What a user is found by, with the searchable attributes. The writer of attributes calls it for their user.
CREATE OR REPLACE FUNCTION upsert_user_search(found users) RETURNS void LANGUAGE sql AS $function$
  INSERT INTO user_search (user_id, organisation_id, text)
  SELECT found.id, found.organisation_id, fold_text(concat_ws(E'\n', found.email, found.email_key, found.id, found.name,
    found.given_name, found.middle_name, found.family_name, found.nickname, found.preferred_username,
    found.phone_number, found.external_id, (
      SELECT string_agg(v.value #>> '{}', E'\n') FROM user_attributes v JOIN user_attribute_definitions d ON d.id = v.attribute_id
      WHERE v.user_id = found.id AND d.searchable)))
  ON CONFLICT (user_id) DO UPDATE SET text = excluded.text WHERE user_search.text <> excluded.text
$function$;
