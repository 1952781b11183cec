-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "allowed_claims" JSONB;
