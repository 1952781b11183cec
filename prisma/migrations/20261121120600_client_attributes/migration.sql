-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "attributes" JSONB NOT NULL DEFAULT '{}';
