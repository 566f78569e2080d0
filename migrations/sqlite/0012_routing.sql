-- Rules of routing, why an attempt went where it went, and fees that gateways tell later.

-- A version is never changed: what holds is the newest. Its primary key lets one of two who save at once through.
CREATE TABLE routing_versions (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  version INTEGER NOT NULL,
  -- JSON of domain::routing::RuleSet
  rules TEXT NOT NULL,
  rule_count INTEGER NOT NULL,
  note TEXT,
  -- The version that this one brought back.
  reverted_to INTEGER,
  created_by TEXT NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, livemode, version)
) STRICT;

-- JSON of domain::routing::Reason; null for attempts made before there were rules.
ALTER TABLE attempts ADD COLUMN routing TEXT;

-- A window in which a connection takes no new payments.
ALTER TABLE connections ADD COLUMN maintenance_from INTEGER;
ALTER TABLE connections ADD COLUMN maintenance_until INTEGER;

-- The gateway has taken its fee and not said yet how much: until it does, nothing is booked for it.
ALTER TABLE attempts ADD COLUMN fee_pending INTEGER NOT NULL DEFAULT FALSE;

-- Until when somebody acts on what waits for the customer: goes on with it, or gives it up. Never both at once.
ALTER TABLE operations ADD COLUMN held_until INTEGER;
