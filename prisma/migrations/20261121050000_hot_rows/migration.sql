-- DropIndex
DROP INDEX "grants_user_id_idx";

-- A code is updated once, seconds after it was stored, and a family each time it is rotated; neither touches an indexed
-- column. With room left on the page the new version stays beside the old one, and no index is written.
ALTER TABLE "authorization_codes" SET (fillfactor = 50);
ALTER TABLE "refresh_families" SET (fillfactor = 80);
ALTER TABLE "sessions" SET (fillfactor = 80);
