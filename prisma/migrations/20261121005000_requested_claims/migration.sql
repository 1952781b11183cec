-- AlterTable
ALTER TABLE "grants" ADD COLUMN     "claims" JSONB;
