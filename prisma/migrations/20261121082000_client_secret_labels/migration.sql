-- AlterTable
ALTER TABLE "client_secrets" ADD COLUMN     "label" TEXT;
