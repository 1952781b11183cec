-- Clients make initial access tokens, too.
-- AlterTable
ALTER TABLE "initial_access_tokens" ADD COLUMN     "acting_client_id" TEXT,
ALTER COLUMN "user_id" DROP NOT NULL;

-- Somebody has made it.
ALTER TABLE "initial_access_tokens" ADD CONSTRAINT "initial_access_tokens_maker_check"
    CHECK ("user_id" IS NOT NULL OR "acting_client_id" IS NOT NULL);
