-- AlterTable
ALTER TABLE "organisations" ADD COLUMN     "software_statement_required" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "software_statement_issuers" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "issuer" TEXT NOT NULL,
    "jwks" JSONB,
    "jwks_uri" TEXT,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "software_statement_issuers_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "software_statement_issuers_organisation_id_issuer_key" ON "software_statement_issuers"("organisation_id", "issuer");

-- AddForeignKey
ALTER TABLE "software_statement_issuers" ADD CONSTRAINT "software_statement_issuers_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
