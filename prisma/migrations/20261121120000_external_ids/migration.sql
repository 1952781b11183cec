-- What whoever provisions a client calls it, so that a file of settings finds the same client again, on every server.
-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "external_id" TEXT;

-- By hand: of the deleted alone the name is free again. Two that register the same at once cannot both.
CREATE UNIQUE INDEX "clients_external_id_key" ON "clients"("organisation_id", "external_id") WHERE "deleted_at" IS NULL;
