-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "remember_consent" BOOLEAN NOT NULL DEFAULT true;
