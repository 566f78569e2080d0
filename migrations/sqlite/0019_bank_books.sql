-- What entries of banks' statements say lies sealed, and what came beyond a transfer's amount stands in the ledger.

-- JSON of gateways::bank_transfer::StatementEntry, sealed; `entry` is empty beside it, and holds it in clear in older rows until a worker
-- has sealed them. Both empty: it belonged to nothing here and is forgotten, and only its fingerprint is kept.
ALTER TABLE bank_entries ADD COLUMN sealed BLOB;
CREATE INDEX bank_entries_clear ON bank_entries (created_at) WHERE entry <> '';
CREATE INDEX bank_entries_strange ON bank_entries (created_at)
  WHERE status = 'ignored' AND decided_by IS NULL AND sealed IS NOT NULL;
-- What a person has decided, among it what was set aside.
CREATE INDEX bank_entries_aside ON bank_entries (merchant_id, livemode, status, created_at, id)
  WHERE decided_by IS NOT NULL;

-- When the merchant said that what came too much was paid back, and who said so.
ALTER TABLE bank_transfers ADD COLUMN returned_at INTEGER;
ALTER TABLE bank_transfers ADD COLUMN returned_by TEXT REFERENCES users (id);
CREATE INDEX bank_transfers_owed ON bank_transfers (merchant_id, livemode, status, created_at, id)
  WHERE received > amount AND returned_at IS NULL;

-- What came too much before it was booked is booked as it is from now on.
INSERT INTO journals (merchant_id, livemode, id, kind, payment_id, source_id, at)
SELECT t.merchant_id, t.livemode, 'txn_' || substr(t.id, 4), 'transfer_surplus', o.payment_id, t.id, t.updated_at
FROM bank_transfers t
JOIN operations o ON o.merchant_id = t.merchant_id AND o.livemode = t.livemode AND o.id = t.id
WHERE t.status = 'paid' AND t.received > t.amount;
INSERT INTO entries (merchant_id, livemode, journal_id, line, account, currency, amount)
SELECT merchant_id, livemode, 'txn_' || substr(id, 4), 1, 'gateway_receivable', currency, received - amount
FROM bank_transfers WHERE status = 'paid' AND received > amount;
INSERT INTO entries (merchant_id, livemode, journal_id, line, account, currency, amount)
SELECT merchant_id, livemode, 'txn_' || substr(id, 4), 2, 'customer_credit', currency, amount - received
FROM bank_transfers WHERE status = 'paid' AND received > amount;
