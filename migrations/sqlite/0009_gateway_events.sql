-- The inbox of gateways' events. A row is the proof that an event came, once for all its repeats, and a task for a worker:
-- to ask the gateway about what it hints at. Of the event's own content only the hint is kept.

CREATE TABLE gateway_events (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  connection_id TEXT NOT NULL,
  -- The gateway's own name for the event.
  event_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  -- charge, refund, other; with our key and the gateway's name for it, as far as the event tells them.
  about TEXT NOT NULL,
  our_key TEXT,
  gateway_ref TEXT,
  -- queued, done, ignored (about nothing of ours), failed (given up: the reconciler asks on its own)
  status TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  -- When a queued event is looked at next; whoever takes it moves this on first.
  next_try_at INTEGER,
  received_at INTEGER NOT NULL,
  finished_at INTEGER,
  PRIMARY KEY (merchant_id, livemode, connection_id, event_id),
  FOREIGN KEY (merchant_id, livemode, connection_id) REFERENCES connections (merchant_id, livemode, id)
) STRICT;
CREATE INDEX gateway_events_due ON gateway_events (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX gateway_events_by_age ON gateway_events (finished_at) WHERE finished_at IS NOT NULL;

-- The address that a gateway sends to names the connection alone.
CREATE INDEX connections_by_id ON connections (id);
-- An event may name a charge or a refund only as the gateway does.
CREATE INDEX operations_by_ref ON operations (merchant_id, livemode, gateway_ref) WHERE gateway_ref IS NOT NULL;
