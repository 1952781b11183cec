-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "jwks" JSONB,
ADD COLUMN     "jwks_uri" TEXT,
ADD COLUMN     "request_object_signing_alg" TEXT,
ADD COLUMN     "request_uris" TEXT[],
ADD COLUMN     "token_endpoint_auth_signing_alg" TEXT,
ADD COLUMN     "userinfo_signed_response_alg" TEXT;

-- CreateTable
CREATE TABLE "used_assertions" (
    "client_id" UUID NOT NULL,
    "jti" TEXT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "used_assertions_pkey" PRIMARY KEY ("client_id","jti")
);

-- CreateIndex
CREATE INDEX "used_assertions_expires_at_idx" ON "used_assertions"("expires_at");
