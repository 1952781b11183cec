-- When clients and their secrets were last used, to the hour. Beside their rows: whatever writes to those is a new version of
-- the client, which every process hears of and reads again.
-- CreateTable
CREATE TABLE "client_uses" (
    "client_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "used_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "client_uses_pkey" PRIMARY KEY ("client_id")
);

-- CreateTable
CREATE TABLE "client_secret_uses" (
    "secret_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "used_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "client_secret_uses_pkey" PRIMARY KEY ("secret_id")
);

-- AddForeignKey
ALTER TABLE "client_uses" ADD CONSTRAINT "client_uses_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_secret_uses" ADD CONSTRAINT "client_secret_uses_secret_id_fkey" FOREIGN KEY ("secret_id") REFERENCES "client_secrets"("id") ON DELETE CASCADE ON UPDATE CASCADE;
