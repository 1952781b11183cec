-- The session that the user signed in to for this request, which `prompt=login` requires. `session_id` is also set by the
-- selection of an account. Times cannot tell the two apart: request and sign-in may be dated by different machines.
ALTER TABLE "pending_authorization_requests" ADD COLUMN "signed_in_session_id" UUID;
