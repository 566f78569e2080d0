-- What gateways delivered, as people read it, and how calls to each connection end.

-- A name of ours: the gateway's own may hold anything, an address may not.
ALTER TABLE gateway_events ADD COLUMN id TEXT;
-- As it came, sealed for gateway_events/<id>/payload: it may hold personal data. Bytes after the first 64 KiB are not kept.
ALTER TABLE gateway_events ADD COLUMN payload BLOB;
ALTER TABLE gateway_events ADD COLUMN payload_size INTEGER;
-- The payment that it is about, once a worker has found it.
ALTER TABLE gateway_events ADD COLUMN payment_id TEXT;
-- mismatch: another amount, currency or merchant than ours. other_connection: a payment that went another way.
ALTER TABLE gateway_events ADD COLUMN note TEXT;
-- payment or refund, and its state before and after the event was looked at; null when nothing changed.
ALTER TABLE gateway_events ADD COLUMN changed TEXT;
ALTER TABLE gateway_events ADD COLUMN changed_from TEXT;
ALTER TABLE gateway_events ADD COLUMN changed_to TEXT;
-- How often a person put it back into the queue.
ALTER TABLE gateway_events ADD COLUMN replays INTEGER NOT NULL DEFAULT 0;
UPDATE gateway_events SET id = 'gev_' || lower(hex(randomblob(13)));
CREATE INDEX gateway_events_inbox ON gateway_events (merchant_id, livemode, connection_id, received_at, id);
CREATE INDEX gateway_events_inbox_by_status ON gateway_events (merchant_id, livemode, connection_id, status, received_at, id);
CREATE INDEX gateway_events_mismatched ON gateway_events (merchant_id, livemode, received_at) WHERE note = 'mismatch';

-- Deliveries that brought no new event: repeats, and what was refused. Anybody who knows the address can send the latter, so only
-- the latest of a connection are kept, and only the beginning of each.
CREATE TABLE gateway_deliveries (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  connection_id TEXT NOT NULL,
  id TEXT NOT NULL,
  -- repeat, signature, time, unreadable, not_now
  verdict TEXT NOT NULL,
  -- Of a repeat: the gateway's own names for the event and for what happened.
  event_id TEXT,
  kind TEXT,
  -- Sealed for gateway_deliveries/<id>/payload.
  payload BLOB,
  payload_size INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, livemode, connection_id, received_at, id),
  FOREIGN KEY (merchant_id, livemode, connection_id) REFERENCES connections (merchant_id, livemode, id)
) STRICT;
CREATE INDEX gateway_deliveries_by_age ON gateway_deliveries (received_at);

-- Calls of a minute, added up over all servers: how they ended, and how many took no longer than so many milliseconds.
CREATE TABLE gateway_minutes (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  connection_id TEXT NOT NULL,
  -- Minutes since the Unix epoch, UTC.
  minute INTEGER NOT NULL,
  -- Definite answers; a card that is declined is one.
  answered INTEGER NOT NULL,
  -- Definite answers that blame the gateway, or the connection's set-up.
  technical INTEGER NOT NULL,
  configuration INTEGER NOT NULL,
  -- The request never left; or it may have done its work, and no usable answer came.
  not_sent INTEGER NOT NULL,
  no_answer INTEGER NOT NULL,
  to_50 INTEGER NOT NULL,
  to_100 INTEGER NOT NULL,
  to_200 INTEGER NOT NULL,
  to_300 INTEGER NOT NULL,
  to_500 INTEGER NOT NULL,
  to_800 INTEGER NOT NULL,
  to_1200 INTEGER NOT NULL,
  to_2000 INTEGER NOT NULL,
  to_3000 INTEGER NOT NULL,
  to_5000 INTEGER NOT NULL,
  to_10000 INTEGER NOT NULL,
  longer INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, livemode, connection_id, minute),
  FOREIGN KEY (merchant_id, livemode, connection_id) REFERENCES connections (merchant_id, livemode, id)
) STRICT;
CREATE INDEX gateway_minutes_by_age ON gateway_minutes (minute);
