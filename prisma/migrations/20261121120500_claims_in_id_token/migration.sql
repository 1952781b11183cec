-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "include_claims_in_id_token" BOOLEAN NOT NULL DEFAULT false;
