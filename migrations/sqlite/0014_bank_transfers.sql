-- Bank transfers: what customers were told, the statements that the merchant brought, and what of them paid what.

-- A transfer that a customer was told to make. Its id is that of the operation that it belongs to.
CREATE TABLE bank_transfers (
  merchant_id TEXT NOT NULL,
  livemode INTEGER NOT NULL,
  id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  -- Twelve characters without spaces.
  reference TEXT NOT NULL,
  -- waiting, paid, given_up
  status TEXT NOT NULL,
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  -- What of the merchant's statements was taken for it; more than the amount when a person said so.
  received INTEGER NOT NULL DEFAULT 0,
  -- JSON of gateways::bank_transfer::TransferInstructions, as the customer was told them.
  instructions TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, livemode, id),
  UNIQUE (merchant_id, livemode, reference),
  FOREIGN KEY (merchant_id, livemode, id) REFERENCES operations (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, connection_id) REFERENCES connections (merchant_id, livemode, id)
) STRICT;
CREATE INDEX bank_transfers_by_state ON bank_transfers (merchant_id, livemode, status, created_at, id);

-- Which column of a bank's table holds what, as the merchant said it last.
CREATE TABLE bank_mappings (
  merchant_id TEXT NOT NULL,
  livemode INTEGER NOT NULL,
  connection_id TEXT NOT NULL,
  -- JSON of gateways::bank_transfer::CsvMapping
  mapping TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, livemode, connection_id),
  FOREIGN KEY (merchant_id, livemode, connection_id) REFERENCES connections (merchant_id, livemode, id)
) STRICT;

-- A file that the merchant brought.
CREATE TABLE bank_statements (
  merchant_id TEXT NOT NULL,
  livemode INTEGER NOT NULL,
  id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- camt053, mt940, csv
  format TEXT NOT NULL,
  -- mapping: its columns are to be said; read
  status TEXT NOT NULL,
  -- The file, sealed, while its columns are to be said.
  content BLOB,
  -- Entries of the file; those of them that an earlier file had; those that are announced only.
  entries INTEGER NOT NULL DEFAULT 0,
  known INTEGER NOT NULL DEFAULT 0,
  pending INTEGER NOT NULL DEFAULT 0,
  -- JSON array of gateways::bank_transfer::StatementError; the first of them, and how many there are.
  problems TEXT NOT NULL,
  problem_count INTEGER NOT NULL DEFAULT 0,
  created_by TEXT NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, connection_id) REFERENCES connections (merchant_id, livemode, id)
) STRICT;
CREATE INDEX bank_statements_list ON bank_statements (merchant_id, livemode, created_at, id);

-- A booking of a statement. Each is taken once, whatever files it stands in.
CREATE TABLE bank_entries (
  merchant_id TEXT NOT NULL,
  livemode INTEGER NOT NULL,
  id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  -- The first file that had it.
  statement_id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  -- new, matched, doubtful, ignored
  status TEXT NOT NULL,
  -- JSON of gateways::bank_transfer::StatementEntry
  entry TEXT NOT NULL,
  -- JSON array of gateways::bank_transfer::matching::Candidate
  candidates TEXT NOT NULL,
  -- The transfer that it paid, all or a part of it.
  transfer_id TEXT,
  decided_by TEXT,
  decided_at INTEGER,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, livemode, id),
  UNIQUE (merchant_id, livemode, connection_id, fingerprint),
  FOREIGN KEY (merchant_id, livemode, statement_id) REFERENCES bank_statements (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, transfer_id) REFERENCES bank_transfers (merchant_id, livemode, id)
) STRICT;
CREATE INDEX bank_entries_by_state ON bank_entries (merchant_id, livemode, status, created_at, id);
CREATE INDEX bank_entries_new ON bank_entries (created_at) WHERE status = 'new';
CREATE INDEX bank_entries_of_statement ON bank_entries (merchant_id, livemode, statement_id, status);
CREATE INDEX bank_entries_of_transfer ON bank_entries (merchant_id, livemode, transfer_id) WHERE transfer_id IS NOT NULL;
