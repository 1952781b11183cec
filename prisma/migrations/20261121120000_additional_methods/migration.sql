-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "additional_token_endpoint_auth_methods" TEXT[];
