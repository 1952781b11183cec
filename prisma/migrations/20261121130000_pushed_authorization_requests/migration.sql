-- Authorization requests that clients push ahead of the browser (RFC 9126), and what each client says of them.
-- AlterTable
ALTER TABLE "authorization_requests" ADD COLUMN     "pushed_reference_hash" BYTEA;

-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "pushed_authorization_request_lifetime" INTEGER NOT NULL DEFAULT 60,
ADD COLUMN     "require_pushed_authorization_requests" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "pushed_authorization_requests" (
    "reference_hash" BYTEA NOT NULL,
    "organisation_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "parameters" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pushed_authorization_requests_pkey" PRIMARY KEY ("reference_hash")
);

-- CreateIndex
CREATE INDEX "pushed_authorization_requests_expires_at_idx" ON "pushed_authorization_requests"("expires_at");
