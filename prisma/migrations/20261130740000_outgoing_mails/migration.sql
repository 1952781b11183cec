-- Mails that the server sends. A row is written with the act that causes the mail. What the mail says, links included, is
-- encrypted, and deleted when the mail is sent.
CREATE TABLE "outgoing_mails" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "user_id" UUID,
    "template" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "recipient" TEXT NOT NULL,
    "parameters" BYTEA,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "usable_until" TIMESTAMPTZ(3) NOT NULL,
    "error" TEXT,
    "sent_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "outgoing_mails_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "outgoing_mails_next_attempt_at_idx" ON "outgoing_mails"("next_attempt_at");
CREATE INDEX "outgoing_mails_expires_at_idx" ON "outgoing_mails"("expires_at");
CREATE INDEX "outgoing_mails_user_id_idx" ON "outgoing_mails"("user_id");
CREATE INDEX "outgoing_mails_organisation_id_created_at_idx" ON "outgoing_mails"("organisation_id", "created_at");
ALTER TABLE "outgoing_mails" ADD CONSTRAINT "outgoing_mails_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "outgoing_mails" ADD CONSTRAINT "outgoing_mails_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- Whether the link of an invitation was sent to the address only, so that accepting it confirms the address.
ALTER TABLE "invitations" ADD COLUMN "mailed" BOOLEAN NOT NULL DEFAULT false;
