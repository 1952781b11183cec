-- AlterTable
ALTER TABLE "client_secrets" ADD COLUMN     "sealed_secret" BYTEA;

-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "id_token_encrypted_response_alg" TEXT,
ADD COLUMN     "id_token_encrypted_response_enc" TEXT,
ADD COLUMN     "request_object_encryption_alg" TEXT,
ADD COLUMN     "request_object_encryption_enc" TEXT,
ADD COLUMN     "tls_client_auth_san_dns" TEXT,
ADD COLUMN     "tls_client_auth_san_email" TEXT,
ADD COLUMN     "tls_client_auth_san_ip" TEXT,
ADD COLUMN     "tls_client_auth_san_uri" TEXT,
ADD COLUMN     "tls_client_auth_subject_dn" TEXT,
ADD COLUMN     "userinfo_encrypted_response_alg" TEXT,
ADD COLUMN     "userinfo_encrypted_response_enc" TEXT;
