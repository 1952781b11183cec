-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "access_token_format" TEXT NOT NULL DEFAULT 'jwt';
