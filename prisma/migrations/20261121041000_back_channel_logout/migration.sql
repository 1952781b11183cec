-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "backchannel_logout_session_required" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "backchannel_logout_uri" TEXT;

-- CreateTable
CREATE TABLE "logout_notifications" (
    "session_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "logout_notifications_pkey" PRIMARY KEY ("session_id","client_id")
);

-- CreateIndex
CREATE INDEX "logout_notifications_due_at_idx" ON "logout_notifications"("due_at");
