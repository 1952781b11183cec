-- A user belongs to an organisation by a membership. Today each user has one, in their home organisation.
CREATE TABLE "memberships" (
  "user_id" UUID NOT NULL,
  "organisation_id" UUID NOT NULL,
  "state" TEXT NOT NULL DEFAULT 'active',
  "source" TEXT NOT NULL DEFAULT 'local',
  "external_id" TEXT,
  "suspended_at" TIMESTAMPTZ(3),
  "suspended_reason" TEXT,
  "joined_at" TIMESTAMPTZ(3) NOT NULL,
  "updated_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "memberships_pkey" PRIMARY KEY ("user_id", "organisation_id"),
  CONSTRAINT "memberships_state_check" CHECK ("state" IN ('active', 'suspended')),
  CONSTRAINT "memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "memberships_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "memberships_external_id_key" ON "memberships" ("organisation_id", "external_id")
  WHERE "external_id" IS NOT NULL;
-- For lists by status: few members are suspended.
CREATE INDEX "memberships_suspended_idx" ON "memberships" ("organisation_id", "user_id") WHERE "state" = 'suspended';

-- Each user has a membership in their home organisation, whichever statement creates the user.
CREATE FUNCTION "create_home_membership"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO memberships (user_id, organisation_id, joined_at, updated_at)
  VALUES (NEW.id, NEW.organisation_id, NEW.created_at, NEW.created_at);
  RETURN NULL;
END
$$;
CREATE TRIGGER "create_home_membership" AFTER INSERT ON "users"
FOR EACH ROW EXECUTE FUNCTION "create_home_membership"();

INSERT INTO "memberships" ("user_id", "organisation_id", "joined_at", "updated_at")
SELECT "id", "organisation_id", "created_at", "created_at" FROM "users";

CREATE TABLE "teams" (
  "id" UUID NOT NULL,
  "organisation_id" UUID NOT NULL,
  "slug" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "description" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL,
  "updated_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "teams_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "teams_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "teams_organisation_id_slug_key" ON "teams" ("organisation_id", "slug");

CREATE TABLE "team_members" (
  "user_id" UUID NOT NULL,
  "team_id" UUID NOT NULL,
  "organisation_id" UUID NOT NULL,
  "joined_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "team_members_pkey" PRIMARY KEY ("user_id", "team_id"),
  CONSTRAINT "team_members_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "team_members_membership_fkey" FOREIGN KEY ("user_id", "organisation_id")
    REFERENCES "memberships"("user_id", "organisation_id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "team_members_team_id_user_id_idx" ON "team_members" ("team_id", "user_id");

-- A role of a member, or of all members of a team; in the whole organisation, or within one team.
CREATE TABLE "role_assignments" (
  "id" UUID NOT NULL DEFAULT gen_random_uuid(),
  "organisation_id" UUID NOT NULL,
  "role_id" UUID NOT NULL,
  "user_id" UUID,
  "team_id" UUID,
  "within_team_id" UUID,
  "granted_by" UUID,
  "granted_at" TIMESTAMPTZ(3) NOT NULL,
  "expires_at" TIMESTAMPTZ(3),
  CONSTRAINT "role_assignments_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "role_assignments_subject_check" CHECK (num_nonnulls("user_id", "team_id") = 1),
  CONSTRAINT "role_assignments_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "roles"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT "role_assignments_membership_fkey" FOREIGN KEY ("user_id", "organisation_id")
    REFERENCES "memberships"("user_id", "organisation_id") ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "role_assignments_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "role_assignments_within_team_id_fkey" FOREIGN KEY ("within_team_id") REFERENCES "teams"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
-- A subject has a role once in the organisation, and once within each team. NULLS NOT DISTINCT needs PostgreSQL 15.
CREATE UNIQUE INDEX "role_assignments_user_id_key"
  ON "role_assignments" ("user_id", "role_id", (coalesce("within_team_id", '00000000-0000-0000-0000-000000000000'::uuid)))
  WHERE "user_id" IS NOT NULL;
CREATE UNIQUE INDEX "role_assignments_team_id_key"
  ON "role_assignments" ("team_id", "role_id", (coalesce("within_team_id", '00000000-0000-0000-0000-000000000000'::uuid)))
  WHERE "team_id" IS NOT NULL;
CREATE INDEX "role_assignments_role_id_idx" ON "role_assignments" ("role_id");
CREATE INDEX "role_assignments_within_team_id_idx" ON "role_assignments" ("within_team_id") WHERE "within_team_id" IS NOT NULL;

INSERT INTO "role_assignments" ("organisation_id", "role_id", "user_id", "granted_at")
SELECT a."organisation_id", a."role_id", a."user_id", u."created_at"
FROM "user_roles" a JOIN "users" u ON u."id" = a."user_id" AND u."organisation_id" = a."organisation_id";

DROP TABLE "user_roles";
