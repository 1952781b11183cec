-- For lists of blocked users. No statement that wants active users can take it.
CREATE INDEX "users_blocked_idx" ON "users" ("organisation_id", "id") WHERE "blocked_at" IS NOT NULL;

-- In the order of the users, so that counting the users of a role stops at a limit, however many have it.
-- Teams that have the role are found by it as well: they have no user.
CREATE INDEX "role_assignments_role_id_user_id_idx" ON "role_assignments" ("role_id", "user_id");
DROP INDEX "role_assignments_role_id_idx";
