-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "authorized_acr_values" TEXT[];
