-- The full name of users who were created with a given or a family name only: the list is sorted and searched by it.
UPDATE "users" SET "name" = nullif(concat_ws(' ', nullif("given_name", ''), nullif("family_name", '')), '')
WHERE "name" IS NULL AND ("given_name" IS NOT NULL OR "family_name" IS NOT NULL);
