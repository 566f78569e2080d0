-- Lists of payments: each filter walks an index of its own, newest first.

-- The customer's address as it is compared: without regard to capitals. Made by the database, so that nothing that writes
-- a payment can forget it.
ALTER TABLE payments ADD COLUMN customer_email_key TEXT GENERATED ALWAYS AS (lower(customer_email)) VIRTUAL;
DROP INDEX payments_by_email;
CREATE INDEX payments_by_email ON payments (merchant_id, livemode, customer_email_key, created_at, id)
  WHERE customer_email_key IS NOT NULL;
CREATE INDEX payments_by_reference ON payments (merchant_id, livemode, reference, created_at, id) WHERE reference IS NOT NULL;
CREATE INDEX payments_by_last4 ON payments (merchant_id, livemode, card_last4, created_at, id) WHERE card_last4 IS NOT NULL;
CREATE INDEX payments_by_amount ON payments (merchant_id, livemode, amount, created_at, id);
-- Both end with the amount: a range of amounts is told apart in the index, and rows outside of it are never fetched.
CREATE INDEX payments_by_currency ON payments (merchant_id, livemode, currency, created_at, id, amount);
DROP INDEX payments_by_creation;
CREATE INDEX payments_by_creation ON payments (merchant_id, livemode, created_at, id, amount);
