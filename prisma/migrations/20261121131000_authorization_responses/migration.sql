-- How each client wants the answers of the authorization endpoint that are JWTs.
-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "authorization_encrypted_response_alg" TEXT,
ADD COLUMN     "authorization_encrypted_response_enc" TEXT,
ADD COLUMN     "authorization_signed_response_alg" TEXT;
