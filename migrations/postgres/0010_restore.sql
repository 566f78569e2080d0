-- Each lease of a job has a number, so that what a holder brings who lost it meanwhile is refused even when it holds it again.
ALTER TABLE jobs ADD COLUMN lease_number BIGINT NOT NULL DEFAULT 0;
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE lease_owner IS NOT NULL;

-- The hash of what the form said that made an attempt; card fields never go in. Empty: made before hashes were kept.
ALTER TABLE attempts ADD COLUMN form_hash TEXT NOT NULL DEFAULT '';

-- A restored backup: what happened from `since` on is not in it and is asked of the gateways. While one is open, mail, jobs and
-- whatever moves money by itself wait.
CREATE TABLE restores (
  id TEXT NOT NULL PRIMARY KEY,
  since BIGINT NOT NULL,
  restored_at BIGINT NOT NULL,
  finished_at BIGINT
);

CREATE TABLE restore_connections (
  restore_id TEXT NOT NULL REFERENCES restores (id),
  merchant_id TEXT NOT NULL,
  livemode BOOLEAN NOT NULL,
  connection_id TEXT NOT NULL,
  -- charges, refunds: what is being listed; done; waiting: for a person; accepted: a person went on without
  status TEXT NOT NULL,
  -- Where the listing goes on: the start of a window, and the place in it.
  listed_until BIGINT NOT NULL,
  place TEXT,
  charges BIGINT NOT NULL DEFAULT 0,
  refunds BIGINT NOT NULL DEFAULT 0,
  tries BIGINT NOT NULL DEFAULT 0,
  next_try_at BIGINT NOT NULL,
  error TEXT,
  version BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (restore_id, merchant_id, livemode, connection_id),
  FOREIGN KEY (merchant_id, livemode, connection_id) REFERENCES connections (merchant_id, livemode, id)
);
