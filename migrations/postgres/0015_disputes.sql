-- Refunds that a gateway made by itself, and what customers' banks want back.

-- The gateway's name for the charge, of an event about a refund.
ALTER TABLE gateway_events ADD COLUMN charge_ref TEXT;

-- By the gateway's own name first: an event may name a charge that went through another connection.
DROP INDEX operations_by_ref;
CREATE INDEX operations_by_ref ON operations (gateway_ref, merchant_id, livemode) WHERE gateway_ref IS NOT NULL;

-- A refund's origin may be gateway: made there, in parts if it likes.
DROP INDEX refunds_one_by_rule;
CREATE UNIQUE INDEX refunds_one_by_rule ON refunds (merchant_id, livemode, attempt_id, origin)
  WHERE origin NOT IN ('merchant', 'gateway') AND status <> 'failed';

-- What disputes have taken of what was captured.
ALTER TABLE payments ADD COLUMN disputed BIGINT NOT NULL DEFAULT 0 CHECK (disputed >= 0);
-- Since when refunds and disputes together take more than was captured: only gateways can do that.
ALTER TABLE payments ADD COLUMN exceeded_at BIGINT;
CREATE INDEX payments_exceeded ON payments (merchant_id, livemode, exceeded_at) WHERE exceeded_at IS NOT NULL;

-- A dispute as its gateway told it last.
CREATE TABLE disputes (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode BOOLEAN NOT NULL,
  id TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  attempt_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  -- The gateway's own name.
  gateway_ref TEXT NOT NULL,
  -- What the bank asks.
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  -- What is taken now, and what the dispute itself costs now, in the payment's currency: what the ledger has.
  taken BIGINT NOT NULL,
  fee BIGINT NOT NULL,
  -- fraudulent, unrecognized, duplicate, product_not_received ...
  reason TEXT NOT NULL,
  -- inquiry, needs_response, under_review, won, lost, closed
  status TEXT NOT NULL,
  -- Until when evidence is accepted.
  respond_by BIGINT,
  opened_at BIGINT NOT NULL,
  -- The gateway's or network's own code for the reason.
  raw_code TEXT,
  -- When the gateway is asked again; null once it is over.
  next_check_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, livemode, id),
  UNIQUE (merchant_id, livemode, connection_id, gateway_ref),
  FOREIGN KEY (merchant_id, livemode, payment_id) REFERENCES payments (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, attempt_id) REFERENCES attempts (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, connection_id) REFERENCES connections (merchant_id, livemode, id),
  CHECK (amount > 0 AND taken >= 0 AND fee >= 0)
);
CREATE INDEX disputes_of_payment ON disputes (merchant_id, livemode, payment_id);
CREATE INDEX disputes_due ON disputes (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX disputes_to_answer ON disputes (merchant_id, livemode, respond_by)
  WHERE status IN ('inquiry', 'needs_response');
