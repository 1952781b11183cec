-- By hand: the events of a client, which are few. An index on all events would be paid for by each sign-in.
CREATE INDEX "audit_events_of_clients" ON "audit_events"("client_id", "id") WHERE "category" = 'client';
