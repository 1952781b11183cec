-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "always_sign_in" BOOLEAN NOT NULL DEFAULT false;
