-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "frontchannel_logout_session_required" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "frontchannel_logout_uri" TEXT;
