-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "sector_identifier_uri" TEXT,
ADD COLUMN     "subject_type" TEXT NOT NULL DEFAULT 'public';
