// Writes the structure of a migrated database as SQL, from PostgreSQL's own catalogs: `prisma/schema.sql` is made from it.
// The result depends on the migrations alone: no versions, no owners, everything in one order.
import { Client } from 'pg'

/** Prisma's record of migrations is no part of the schema. */
const RECORDS = '_prisma_migrations'

const HEADER = `-- The database as the migrations leave it, with what schema.prisma has no word for: partial indexes, checks, storage
-- settings, functions and triggers. Made by \`npm run schema:dump\`; test/contract/schema-dump.test.ts keeps it true.
-- It is for reading: tables stand in alphabetical order, so it cannot be run as it is.
-- Partitions are left out: the months that they are of depend on the day.
-- The trigram index and its extension are missing where PostgreSQL does not offer pg_trgm.
`

const EXTENSIONS = `
SELECT format('CREATE EXTENSION %I;', extname) AS text FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY extname`

const TABLES = `
SELECT format('CREATE %sTABLE %I (', CASE relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END, relname) AS head,
  ARRAY(
    SELECT concat_ws(' ', '  ' || quote_ident(attname), format_type(atttypid, atttypmod),
      CASE WHEN attnotnull THEN 'NOT NULL' END, CASE attgenerated WHEN 's' THEN 'GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ') STORED'
        ELSE 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END)
    FROM pg_attribute LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
    WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum
  ) || ARRAY(
    SELECT format('  CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conrelid = t.oid AND contype <> 'n'
    ORDER BY array_position('{p,u,c,f}'::text[], contype::text), conname COLLATE "C"
  ) AS lines,
  ')' || coalesce(' PARTITION BY ' || pg_get_partkeydef(t.oid), '')
    || coalesce(' WITH (' || array_to_string(reloptions, ', ') || ')', '') || ';' AS tail,
  ARRAY(
    SELECT pg_get_indexdef(indexrelid) || ';' FROM pg_index
    WHERE indrelid = t.oid AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = indexrelid AND c.conrelid = t.oid)
    ORDER BY indexrelid::regclass::text COLLATE "C"
  ) AS indexes,
  ARRAY(
    SELECT pg_get_triggerdef(oid) || ';' FROM pg_trigger WHERE tgrelid = t.oid AND NOT tgisinternal
    ORDER BY tgname COLLATE "C"
  ) AS triggers
FROM pg_class t
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> $1
ORDER BY relname COLLATE "C"`

const FUNCTIONS = `
SELECT trim(trailing E'\\n' FROM pg_get_functiondef(p.oid)) || ';' AS text FROM pg_proc p
WHERE pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY proname COLLATE "C"`

interface TableRow {
  head: string
  lines: string[]
  tail: string
  indexes: string[]
  triggers: string[]
}

export async function dumpSchema(connectionString: string): Promise<string> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    const extensions = (await client.query<{ text: string }>(EXTENSIONS)).rows.map(({ text }) => text)
    const tables = (await client.query<TableRow>(TABLES, [RECORDS])).rows
    const functions = (await client.query<{ text: string }>(FUNCTIONS)).rows.map(({ text }) => text)
    const sections = [
      HEADER.trimEnd(),
      ...extensions,
      ...tables.map(({ head, lines, tail, indexes }) =>
        [`${head}\n${lines.join(',\n')}\n${tail}`, ...indexes].join('\n'),
      ),
      ...functions,
      tables.flatMap(({ triggers }) => triggers).join('\n'),
    ]
    return `${sections.join('\n\n')}\n`.replaceAll('public.', '')
  } finally {
    await client.end()
  }
}
