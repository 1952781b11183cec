-- Every scope of the form of a permission that a client has or had. Only a caller who holds these permissions may change the
-- client or get a secret of it: a secret that is added while they are taken away would have them when they are restored.
ALTER TABLE "clients" ADD COLUMN "scope_history" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];

-- A trigger maintains it, so that no statement that writes clients has to, those of the previous release included.
CREATE FUNCTION "maintain_scope_history"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.scope_history := ARRAY(
    SELECT scope FROM (
      SELECT unnest(OLD.scope_history)
      UNION
      SELECT jsonb_array_elements_text(NEW.settings -> 'scopes') WHERE jsonb_typeof(NEW.settings -> 'scopes') = 'array'
    ) AS scopes(scope)
    WHERE scope = '*' OR scope LIKE '%:%'
    ORDER BY scope
  );
  RETURN NEW;
END
$$;

CREATE TRIGGER "maintain_scope_history" BEFORE INSERT OR UPDATE ON "clients"
FOR EACH ROW EXECUTE FUNCTION "maintain_scope_history"();

-- The trigger fills it in.
UPDATE "clients" SET "scope_history" = "scope_history"
WHERE EXISTS (
  SELECT FROM jsonb_array_elements_text("settings" -> 'scopes') AS scopes(scope) WHERE scope = '*' OR scope LIKE '%:%'
);
