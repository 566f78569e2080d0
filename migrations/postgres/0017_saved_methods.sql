-- Customers, and methods that gateways keep for them.

CREATE TABLE customers (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode BOOLEAN NOT NULL,
  id TEXT NOT NULL,
  email TEXT NOT NULL,
  -- The merchant gave the address. One that was typed at checkout proves nobody: each browser that types it makes a customer.
  vouched BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, livemode, id)
);
CREATE UNIQUE INDEX customers_vouched ON customers (merchant_id, livemode, email) WHERE vouched;
CREATE INDEX customers_by_email ON customers (merchant_id, livemode, email, created_at, id);
CREATE INDEX customers_by_creation ON customers (merchant_id, livemode, created_at, id);

-- A method that a customer agreed to have kept.
CREATE TABLE payment_methods (
  merchant_id TEXT NOT NULL,
  livemode BOOLEAN NOT NULL,
  id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  -- pending: the payment that it comes from is under way. failed: nothing was kept. active. merged: it was known already, as
  -- `merged_into`. detaching: gateways are to forget it. detached.
  status TEXT NOT NULL,
  -- card, paypal
  method TEXT NOT NULL,
  card_brand TEXT,
  card_last4 TEXT,
  card_exp_month BIGINT,
  card_exp_year BIGINT,
  card_country TEXT,
  -- What the customer agreed to, in the words that they saw.
  consent TEXT NOT NULL,
  consented_at BIGINT NOT NULL,
  -- SHA-256 of the token in the browser from which it was given: that browser is offered it again.
  device TEXT NOT NULL,
  -- The attempt that it comes from.
  attempt_id TEXT NOT NULL,
  merged_into TEXT,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  detached_at BIGINT,
  -- A member of the merchant's, or null for the customer.
  detached_by TEXT REFERENCES users (id),
  version BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, customer_id) REFERENCES customers (merchant_id, livemode, id)
);
CREATE INDEX payment_methods_of_customer ON payment_methods (merchant_id, livemode, customer_id, status, created_at, id);
CREATE INDEX payment_methods_of_device ON payment_methods (merchant_id, livemode, device, status, created_at, id);
CREATE UNIQUE INDEX payment_methods_of_attempt ON payment_methods (merchant_id, livemode, attempt_id);

-- Which connection knows a method, and by what name: a name means nothing to any other connection.
CREATE TABLE payment_method_tokens (
  merchant_id TEXT NOT NULL,
  livemode BOOLEAN NOT NULL,
  payment_method_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  -- JSON of gateways::SavedMethod, sealed for payment_method_tokens/<attempt that it comes from>; null once the gateway has forgotten it.
  token BYTEA,
  attempt_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  forgotten_at BIGINT,
  PRIMARY KEY (merchant_id, livemode, payment_method_id, connection_id),
  FOREIGN KEY (merchant_id, livemode, payment_method_id) REFERENCES payment_methods (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, connection_id) REFERENCES connections (merchant_id, livemode, id)
);

-- The saved method that an attempt charges; or, where it keeps one, what that becomes.
ALTER TABLE attempts ADD COLUMN payment_method_id TEXT;
ALTER TABLE attempts ADD COLUMN keeps BOOLEAN NOT NULL DEFAULT FALSE;
-- customer, merchant
ALTER TABLE attempts ADD COLUMN initiator TEXT NOT NULL DEFAULT 'customer';
