-- Times without a gateway: maintenance that is planned, alerts that were told, and customers who wait for its end.

-- Maintenance of a provider, entered by the operator: no connection to it takes payments then.
CREATE TABLE provider_windows (
  id TEXT PRIMARY KEY,
  provider TEXT NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  created_by TEXT NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX provider_windows_by_end ON provider_windows (ends_at);

-- Maintenance of connections as it was planned and, once over, as it was: what charts mark. The window that counts stands with the
-- connection.
CREATE TABLE maintenance_windows (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  connection_id TEXT NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, livemode, connection_id, starts_at),
  FOREIGN KEY (merchant_id, livemode, connection_id) REFERENCES connections (merchant_id, livemode, id)
) STRICT;
CREATE INDEX maintenance_windows_by_end ON maintenance_windows (merchant_id, livemode, ends_at);
INSERT INTO maintenance_windows (merchant_id, livemode, connection_id, starts_at, ends_at)
SELECT merchant_id, livemode, id, maintenance_from, maintenance_until FROM connections
WHERE maintenance_from IS NOT NULL AND maintenance_until IS NOT NULL;

-- A time in which most calls to a connection failed: told once, however long it lasts.
CREATE TABLE connection_alerts (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  began_at INTEGER NOT NULL,
  -- When it was seen to fail last.
  seen_at INTEGER NOT NULL,
  ended_at INTEGER,
  -- Calls of the minutes before it was told, and those that were answered.
  calls INTEGER NOT NULL,
  answered INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, connection_id) REFERENCES connections (merchant_id, livemode, id)
) STRICT;
CREATE UNIQUE INDEX connection_alerts_open ON connection_alerts (merchant_id, livemode, connection_id) WHERE ended_at IS NULL;
CREATE INDEX connection_alerts_by_time ON connection_alerts (began_at);

-- Customers who asked to be told when they can pay again. A row is gone once the mail is written, or the session over.
CREATE TABLE back_notices (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  session_id TEXT NOT NULL,
  email TEXT NOT NULL,
  -- The method that they wait for; empty for any.
  method TEXT NOT NULL,
  -- Where they say that they are, for rules that ask; empty where nobody asked.
  country TEXT NOT NULL,
  -- Nobody answered: it is back when a call was answered, not when its time is over.
  silent INTEGER NOT NULL,
  locale TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- When it is looked at again.
  look_at INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, livemode, session_id, email, method),
  FOREIGN KEY (merchant_id, livemode, session_id) REFERENCES checkout_sessions (merchant_id, livemode, id)
) STRICT;
CREATE INDEX back_notices_due ON back_notices (look_at);
