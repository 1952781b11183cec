-- Notifications are leased client by client, those with the fewest attempts first, so that one client's do not delay the others'.
CREATE INDEX "backchannel_logout_queue_client_id_attempts_next_attempt_at_idx"
  ON "backchannel_logout_queue" ("client_id", "attempts", "next_attempt_at");
