-- Clients whose client_id is the address of their metadata: which of them an organisation takes, and when their documents were read.
-- AlterTable
ALTER TABLE "organisations" ADD COLUMN     "client_id_metadata_documents" TEXT NOT NULL DEFAULT 'off',
ADD COLUMN     "client_id_metadata_hosts" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "client_id_metadata_scopes" TEXT[] DEFAULT ARRAY['openid', 'profile', 'email', 'address', 'phone', 'offline_access']::TEXT[];

-- CreateTable
CREATE TABLE "client_documents" (
    "client_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "read_at" TIMESTAMPTZ(3) NOT NULL,
    "fresh_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "client_documents_pkey" PRIMARY KEY ("client_id")
);

-- CreateIndex
CREATE INDEX "client_documents_read_at_idx" ON "client_documents"("read_at");

-- CreateIndex
CREATE INDEX "client_documents_organisation_id_read_at_idx" ON "client_documents"("organisation_id", "read_at");

-- AddForeignKey
ALTER TABLE "client_documents" ADD CONSTRAINT "client_documents_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;

