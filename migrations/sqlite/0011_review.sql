-- Outcomes that a person decides, money that comes late or twice, and jobs that were laid aside.

-- What becomes of money that arrives after a failure or a cancellation had been recorded: accept, refund.
ALTER TABLE merchants ADD COLUMN late_success TEXT NOT NULL DEFAULT 'accept';

-- When an attempt's money was booked though a failure, a cancellation or the session's end had been recorded before.
ALTER TABLE attempts ADD COLUMN late_at INTEGER;
-- What became of it by rule: accept, refund.
ALTER TABLE attempts ADD COLUMN late_rule TEXT;
CREATE INDEX attempts_late ON attempts (merchant_id, livemode, late_at) WHERE late_at IS NOT NULL;
UPDATE attempts SET late_at = updated_at, late_rule = 'refund' WHERE surplus;

-- Who asked for it: merchant, or a rule (surplus, late_success), or nobody (late_failure: the gateway never had the charge
-- that a person had said it had, so the money is taken out of the books again).
ALTER TABLE refunds ADD COLUMN origin TEXT NOT NULL DEFAULT 'merchant';
-- Whether it counts against what the payment captured; if not, it moves what is owed to or by the customer.
ALTER TABLE refunds ADD COLUMN counts INTEGER NOT NULL DEFAULT TRUE;
-- Money that a rule gives back is given back once.
CREATE UNIQUE INDEX refunds_one_by_rule ON refunds (merchant_id, livemode, attempt_id, origin)
  WHERE origin <> 'merchant' AND status <> 'failed';

-- When an unknown outcome comes before a person; null when it is not unknown.
ALTER TABLE operations ADD COLUMN review_at INTEGER;
-- What a person decided: happened, not_happened; who, and when.
ALTER TABLE operations ADD COLUMN decision TEXT;
ALTER TABLE operations ADD COLUMN decided_by TEXT;
ALTER TABLE operations ADD COLUMN decided_at INTEGER;
-- When the gateway said otherwise.
ALTER TABLE operations ADD COLUMN contradicted_at INTEGER;
CREATE INDEX operations_to_review ON operations (merchant_id, livemode, review_at, id) WHERE review_at IS NOT NULL;
CREATE INDEX operations_contradicted ON operations (merchant_id, livemode, contradicted_at) WHERE contradicted_at IS NOT NULL;
CREATE INDEX operations_of_payment ON operations (merchant_id, livemode, payment_id);
UPDATE operations SET review_at = created_at + 86400000 WHERE status = 'unknown';

-- What was heard about an operation while it was in doubt; the latest of them.
CREATE TABLE operation_answers (
  merchant_id TEXT NOT NULL,
  livemode INTEGER NOT NULL,
  operation_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  -- call, ask, person
  source TEXT NOT NULL,
  -- The operation's state by it, or no_answer, not_found, other_amount.
  outcome TEXT NOT NULL,
  detail TEXT,
  PRIMARY KEY (merchant_id, livemode, operation_id, seq),
  FOREIGN KEY (merchant_id, livemode, operation_id) REFERENCES operations (merchant_id, livemode, id)
) STRICT;

-- Whom a job concerns, and why it was laid aside (dead) or given up by a person (discarded).
ALTER TABLE jobs ADD COLUMN merchant_id TEXT;
ALTER TABLE jobs ADD COLUMN livemode INTEGER;
ALTER TABLE jobs ADD COLUMN object_id TEXT;
ALTER TABLE jobs ADD COLUMN failed_at INTEGER;
ALTER TABLE jobs ADD COLUMN discard_reason TEXT;
CREATE INDEX jobs_aside ON jobs (status, failed_at, id) WHERE failed_at IS NOT NULL;
CREATE INDEX jobs_by_object ON jobs (object_id) WHERE object_id IS NOT NULL;
UPDATE jobs SET failed_at = run_at WHERE status = 'dead';
-- Money that came twice before there was a rule.
INSERT INTO jobs (id, kind, payload, run_at, created_at, merchant_id, livemode, object_id)
SELECT 'job_' || substr(id, 4), 'refund_by_rule',
       '{"merchant":"' || merchant_id || '","mode":"' || CASE WHEN livemode THEN 'live' ELSE 'test' END || '","attempt":"' || id
         || '","origin":"surplus"}',
       updated_at, updated_at, merchant_id, livemode, id
FROM attempts WHERE surplus;

-- When a mail that was given up was put back into the queue.
ALTER TABLE mails ADD COLUMN requeued_at INTEGER;
