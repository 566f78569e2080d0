-- Authorise and capture as separate steps.

-- automatic, manual
ALTER TABLE checkout_sessions ADD COLUMN capture_method TEXT NOT NULL DEFAULT 'automatic';
ALTER TABLE payment_links ADD COLUMN capture_method TEXT NOT NULL DEFAULT 'automatic';

-- What was captured of the attempt's amount, and when its amount was held on the card, if it ever was. What is neither captured
-- nor held any more was released.
ALTER TABLE attempts ADD COLUMN captured BIGINT NOT NULL DEFAULT 0 CHECK (captured >= 0 AND captured <= amount);
ALTER TABLE attempts ADD COLUMN authorized_at BIGINT;
UPDATE attempts SET captured = amount WHERE status = 'succeeded';

-- What was held on the customer's card; 0 when it was charged at once.
ALTER TABLE payments ADD COLUMN authorized BIGINT NOT NULL DEFAULT 0 CHECK (authorized >= 0 AND authorized <= amount);
-- When the gateway lets go of what is not captured.
ALTER TABLE payments ADD COLUMN capture_before BIGINT;
-- When the worker looks at the authorisation next: to warn, then to end it.
ALTER TABLE payments ADD COLUMN capture_check_at BIGINT;
-- When the merchant was warned that it ends.
ALTER TABLE payments ADD COLUMN capture_warned_at BIGINT;
-- Why an authorised payment was canceled: void, expired, gateway.
ALTER TABLE payments ADD COLUMN cancellation TEXT;
CREATE INDEX payments_to_capture ON payments (capture_check_at)
  WHERE status = 'requires_capture' AND capture_check_at IS NOT NULL;

-- Who asked for it; null when nobody did but Paydeck itself.
ALTER TABLE operations ADD COLUMN created_by TEXT;
-- An authorisation is captured or released once: of all who try, one is let through.
CREATE UNIQUE INDEX operations_one_release ON operations (merchant_id, livemode, attempt_id)
  WHERE kind IN ('capture', 'void') AND status <> 'failed';
