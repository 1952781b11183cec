-- Whether the user chose to stay signed in: the idle timeout does not apply.
ALTER TABLE "sessions" ADD COLUMN "remembered" boolean NOT NULL DEFAULT false;
