-- Why authorization requests were refused, for an hour.
-- CreateTable
CREATE TABLE "authorization_traces" (
    "organisation_id" UUID NOT NULL,
    "reference" TEXT NOT NULL,
    "client_id" UUID NOT NULL,
    "error" TEXT NOT NULL,
    "checks" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "authorization_traces_pkey" PRIMARY KEY ("organisation_id","reference")
);

-- CreateIndex
CREATE INDEX "authorization_traces_expires_at_idx" ON "authorization_traces"("expires_at");
