-- Lists are sorted, and searches compare, in the same way whatever the locale of the database is.

-- By code point. The indexes on these columns are rebuilt, the table is not.
ALTER TABLE "clients" ALTER COLUMN "name" TYPE TEXT COLLATE "C", ALTER COLUMN "client_id" TYPE TEXT COLLATE "C";
ALTER TABLE "software_statement_issuers" ALTER COLUMN "issuer" TYPE TEXT COLLATE "C";

-- Text as searches compare it: composed and in lower case by the rules of Unicode. "pg_c_utf8" exists since PostgreSQL 17. Before,
-- ICU has the rules, where the server was built with it; without ICU, only letters of ASCII are compared in lower case.
DO $$
DECLARE
  folding text;
BEGIN
  SELECT candidate INTO folding
  FROM unnest(ARRAY['pg_c_utf8', 'und-x-icu', 'C']) WITH ORDINALITY AS candidates(candidate, rank)
  WHERE EXISTS (
    SELECT FROM pg_collation
    WHERE collname = candidate AND collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))
  )
  ORDER BY rank LIMIT 1;
  EXECUTE format(
    'CREATE FUNCTION "fold_text"(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE '
    'RETURN lower(normalize(value, NFC) COLLATE %I)',
    folding
  );
END
$$;

CREATE OR REPLACE FUNCTION "upsert_client_search"(client clients) RETURNS void LANGUAGE sql AS $$
  INSERT INTO client_search (client_id, organisation_id, text)
  SELECT client.id, client.organisation_id, fold_text(concat_ws(E'\n', client.client_id, client.id, client.name,
    client.settings ->> 'description', array_to_string(client.redirect_uris, E'\n'),
    (SELECT string_agg(uri #>> '{}', E'\n') FROM jsonb_path_query(client.settings, '$.postLogoutRedirectUris[*]') uri),
    array_to_string(client.allowed_origins, E'\n'),
    (SELECT string_agg(contact #>> '{}', E'\n') FROM jsonb_path_query(client.settings, '$.contacts[*]') contact),
    client.settings ->> 'clientUri', client.settings ->> 'softwareId'))
  ON CONFLICT (client_id) DO UPDATE SET text = excluded.text WHERE client_search.text <> excluded.text
$$;

SELECT count(upsert_client_search(client)) FROM clients client WHERE deleted_at IS NULL;
