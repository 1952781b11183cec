-- One organisation operates the server. Until now it was the oldest one.
ALTER TABLE "organisations"
  ADD COLUMN "is_operator" boolean NOT NULL DEFAULT false,
  ADD COLUMN "status_reason" text,
  ADD COLUMN "access_ended_at" timestamptz(3),
  ADD COLUMN "deleted_at" timestamptz(3),
  ADD COLUMN "status_before_deletion" text,
  ADD COLUMN "purge_started_at" timestamptz(3);

UPDATE "organisations" SET "is_operator" = true
WHERE "id" = (SELECT "id" FROM "organisations" ORDER BY "created_at", "id" LIMIT 1);

CREATE UNIQUE INDEX "organisations_is_operator_key" ON "organisations" ("is_operator") WHERE "is_operator";
CREATE INDEX "organisations_deleted_at_idx" ON "organisations" ("deleted_at") WHERE "deleted_at" IS NOT NULL;
