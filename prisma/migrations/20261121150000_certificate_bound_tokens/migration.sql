-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "tls_client_certificate_bound_access_tokens" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "refresh_families" ADD COLUMN     "bound_to" TEXT[];
