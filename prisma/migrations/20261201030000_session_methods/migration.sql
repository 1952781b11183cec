-- Each session has its authentication methods with their times, and each grant the level that it was made with. Null: written
-- by the previous release, which has `amr` only.
ALTER TABLE "sessions" ADD COLUMN "methods" JSONB;
ALTER TABLE "grants" ADD COLUMN "acr" TEXT;
-- The level that a step-up must reach. Null: a second factor.
ALTER TABLE "pending_sign_ins" ADD COLUMN "required_acr" TEXT;
