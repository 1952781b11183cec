import { Pool } from 'pg'
import { createMicroBatcher } from '../../dist/lib/concurrency/micro-batcher.js'

// The minimum reads and writes of each protocol request, in one statement each, over as few tables as possible: a grant
// is its own code and its own refresh token family.

// In a separate schema: the database is a clone of one with this server's tables.
const TABLES = `
CREATE SCHEMA IF NOT EXISTS floor;
CREATE TABLE IF NOT EXISTS people (id uuid PRIMARY KEY, email text NOT NULL UNIQUE, name text NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (token_hash bytea PRIMARY KEY, person uuid NOT NULL, expires_at timestamptz NOT NULL);
CREATE TABLE IF NOT EXISTS grants (id uuid PRIMARY KEY, code_hash bytea NOT NULL UNIQUE, person uuid NOT NULL,
  client text NOT NULL, redirect_uri text NOT NULL, challenge text NOT NULL, nonce text, code_expires_at timestamptz NOT NULL,
  consumed_at timestamptz, generation int NOT NULL DEFAULT 0, revoked_at timestamptz);
CREATE TABLE IF NOT EXISTS revoked (jti text PRIMARY KEY, expires_at timestamptz NOT NULL);`

/** Each takes the columns of its inputs and returns rows with the `ord` of their input. */
const texts = {
  authorize: `
    WITH input AS (
      SELECT * FROM unnest($1::bytea[], $2::uuid[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::text[])
      WITH ORDINALITY AS t(session_hash, id, code_hash, client, redirect_uri, challenge, nonce, ord)
    ), live AS (
      SELECT i.*, s.person FROM input i JOIN sessions s ON s.token_hash = i.session_hash AND s.expires_at > now()
    ), made AS (
      INSERT INTO grants (id, code_hash, person, client, redirect_uri, challenge, nonce, code_expires_at)
      SELECT id, code_hash, person, client, redirect_uri, challenge, nonce, now() + interval '10 minutes' FROM live
    )
    SELECT ord::int FROM live`,
  redeem: `
    UPDATE grants g SET consumed_at = now()
    FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[])
      WITH ORDINALITY AS i(code_hash, client, redirect_uri, challenge, ord)
    WHERE g.code_hash = i.code_hash AND g.client = i.client AND g.redirect_uri = i.redirect_uri
      AND g.challenge = i.challenge AND g.consumed_at IS NULL AND g.code_expires_at > now()
    RETURNING i.ord::int, g.id, g.person, g.nonce`,
  rotate: `
    UPDATE grants g SET generation = g.generation + 1
    FROM unnest($1::uuid[], $2::int[], $3::text[]) WITH ORDINALITY AS i(id, generation, client, ord)
    WHERE g.id = i.id AND g.generation = i.generation AND g.client = i.client AND g.revoked_at IS NULL
    RETURNING i.ord::int, g.id, g.person, g.nonce`,
  inspect: `
    SELECT i.ord::int, p.email, p.name
    FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS i(jti, id, ord)
    LEFT JOIN revoked r ON r.jti = i.jti
    LEFT JOIN grants g ON g.id = i.id AND g.revoked_at IS NULL
    LEFT JOIN people p ON p.id = g.person
    WHERE r.jti IS NULL AND (i.id IS NULL OR p.id IS NOT NULL)`,
  revoke: `
    INSERT INTO revoked (jti, expires_at) SELECT DISTINCT ON (jti) * FROM unnest($1::text[], $2::timestamptz[])
      AS i(jti, expires_at) ORDER BY jti ON CONFLICT (jti) DO NOTHING`,
}

/** The statements, each a function from one input (its columns in order) to its row or undefined. */
export async function openFloorStatements(databaseUrl) {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: 10,
    options:
      '-c search_path=floor -c plan_cache_mode=force_generic_plan -c join_collapse_limit=1 -c random_page_cost=1.1',
  })
  await pool.query(TABLES)
  const together = ([name, text]) => [
    name,
    createMicroBatcher(
      async (inputs) => {
        const values = inputs[0].map((_, column) => inputs.map((input) => input[column]))
        const { rows } = await pool.query({ name, text, values })
        const found = Array.from({ length: inputs.length })
        for (const row of rows) found[row.ord - 1] = row
        return found
      },
      () => false,
    ),
  ]
  return {
    ...Object.fromEntries(Object.entries(texts).map(together)),
    storePeople: (people) =>
      pool.query(
        `INSERT INTO people SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) ON CONFLICT (email) DO NOTHING`,
        [people.map(({ id }) => id), people.map(({ email }) => email), people.map(({ name }) => name)],
      ),
    signIn: (email, hash) =>
      pool.query(`INSERT INTO sessions SELECT $2, id, now() + interval '12 hours' FROM people WHERE email = $1`, [
        email,
        hash,
      ]),
    close: () => pool.end(),
  }
}
