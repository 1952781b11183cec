-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "groups" TEXT[];
