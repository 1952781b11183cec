-- The resources that the authorization request named (RFC 8707), by their identifiers; null: none.
ALTER TABLE "grants" ADD COLUMN "resources" TEXT[];
ALTER TABLE "device_authorizations" ADD COLUMN "resources" TEXT[];
