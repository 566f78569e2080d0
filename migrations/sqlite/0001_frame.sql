-- People, teams and sessions.

CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  -- The address in lower case: what uniqueness and login go by.
  email_key TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  email_verified_at INTEGER,
  locale TEXT NOT NULL,
  -- Null for a merchant's user; a role of the operator's staff otherwise.
  staff_role TEXT,
  disabled_at INTEGER,
  -- The merchant and mode that /dashboard and the like lead to.
  last_merchant_id TEXT,
  last_livemode INTEGER NOT NULL DEFAULT FALSE,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1
) STRICT;

-- Login sessions. The id in the cookie is hashed here.
CREATE TABLE login_sessions (
  id_hash TEXT NOT NULL PRIMARY KEY,
  -- A name for the session that may be shown and revoked by.
  handle TEXT NOT NULL UNIQUE,
  user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
  data TEXT NOT NULL,
  ip TEXT,
  user_agent TEXT,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX login_sessions_by_user ON login_sessions (user_id);
CREATE INDEX login_sessions_by_expiry ON login_sessions (expires_at);

-- Links sent by mail, and the link that makes the first admin.
CREATE TABLE mail_tokens (
  token_hash TEXT NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL,
  user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
  email TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
CREATE INDEX mail_tokens_by_user ON mail_tokens (user_id, purpose);

CREATE TABLE merchants (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  -- Why the operator suspended it, for the merchant to read.
  status_reason TEXT,
  country TEXT,
  timezone TEXT NOT NULL,
  default_currency TEXT NOT NULL,
  support_email TEXT,
  support_url TEXT,
  statement_name TEXT,
  brand_color TEXT,
  logo_file_id TEXT,
  -- Addresses to which checkout may send customers back, as a JSON array of origins.
  return_origins TEXT NOT NULL DEFAULT '[]',
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX merchants_by_creation ON merchants (created_at, id);

CREATE TABLE members (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  role TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, user_id)
) STRICT;
CREATE INDEX members_by_user ON members (user_id);

CREATE TABLE invitations (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  id TEXT NOT NULL,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL,
  role TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  invited_by TEXT NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  accepted_at INTEGER,
  revoked_at INTEGER,
  PRIMARY KEY (merchant_id, id)
) STRICT;
CREATE UNIQUE INDEX invitations_open ON invitations (merchant_id, email_key) WHERE accepted_at IS NULL AND revoked_at IS NULL;

-- The application for live mode.

CREATE TABLE applications (
  merchant_id TEXT NOT NULL PRIMARY KEY REFERENCES merchants (id),
  id TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL,
  -- The answers, sealed: they hold people's names, birth dates and bank accounts.
  answers BLOB,
  -- What the queue shows without opening the answers.
  legal_name TEXT,
  country TEXT,
  category TEXT,
  assigned_to TEXT REFERENCES users (id),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  submitted_at INTEGER,
  decided_at INTEGER,
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX applications_queue ON applications (status, submitted_at, id);

CREATE TABLE application_messages (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  id TEXT NOT NULL,
  -- note (staff only), request, answer, decision, submission
  kind TEXT NOT NULL,
  author_id TEXT NOT NULL REFERENCES users (id),
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, id)
) STRICT;

CREATE TABLE application_checks (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  item TEXT NOT NULL,
  checked_by TEXT NOT NULL REFERENCES users (id),
  checked_at INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, item)
) STRICT;

-- Files lie in bounded chunks, so that servers share them and backups have them.

CREATE TABLE files (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  id TEXT NOT NULL,
  -- registration, ownership, bank, logo …
  purpose TEXT NOT NULL,
  name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  sealed INTEGER NOT NULL,
  uploaded_by TEXT NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  deleted_at INTEGER,
  PRIMARY KEY (merchant_id, id)
) STRICT;

CREATE TABLE file_chunks (
  merchant_id TEXT NOT NULL,
  file_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (merchant_id, file_id, seq),
  FOREIGN KEY (merchant_id, file_id) REFERENCES files (merchant_id, id) ON DELETE CASCADE
) STRICT;

-- The audit log: one hash chain per merchant, and one named 'operator' for what concerns no merchant.
-- Personal data lies beside the chain, so that erasing a person breaks nothing.

CREATE TABLE audit_entries (
  chain TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id TEXT,
  action TEXT NOT NULL,
  object_id TEXT,
  detail_hash TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (chain, seq)
) STRICT;

CREATE TABLE audit_details (
  chain TEXT NOT NULL,
  seq INTEGER NOT NULL,
  -- JSON: address, browser, before, after.
  detail TEXT NOT NULL,
  PRIMARY KEY (chain, seq),
  FOREIGN KEY (chain, seq) REFERENCES audit_entries (chain, seq)
) STRICT;

-- Mail: written with the change that it tells of, rendered and sent by a job.

CREATE TABLE mails (
  id TEXT NOT NULL PRIMARY KEY,
  merchant_id TEXT REFERENCES merchants (id),
  -- The object that it is about, for timelines.
  object_id TEXT,
  recipient TEXT NOT NULL,
  template TEXT NOT NULL,
  locale TEXT NOT NULL,
  params TEXT NOT NULL,
  -- queued, sent, kept (no mail server: the operator reads it), failed
  status TEXT NOT NULL,
  subject TEXT,
  body_text TEXT,
  body_html TEXT,
  error TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  -- When a queued mail is tried next; whoever takes it moves this on first, so that two workers don't send it twice.
  next_try_at INTEGER,
  created_at INTEGER NOT NULL,
  sent_at INTEGER
) STRICT;
CREATE INDEX mails_by_creation ON mails (created_at, id);
CREATE INDEX mails_by_object ON mails (object_id) WHERE object_id IS NOT NULL;
CREATE INDEX mails_by_recipient ON mails (recipient, created_at);
CREATE INDEX mails_due ON mails (next_try_at) WHERE status = 'queued';

-- Events of the outbox: what happened, frozen when it is written. `number` follows commit order and is given by a job.

CREATE TABLE events (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  payload TEXT NOT NULL,
  api_version TEXT NOT NULL,
  number INTEGER,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, livemode, id)
) STRICT;
CREATE INDEX events_by_object ON events (merchant_id, livemode, object_id);
CREATE INDEX events_unnumbered ON events (created_at, id) WHERE number IS NULL;
CREATE UNIQUE INDEX events_by_number ON events (number) WHERE number IS NOT NULL;

-- Jobs of the outbox.

CREATE TABLE jobs (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  payload_version INTEGER NOT NULL DEFAULT 1,
  -- ready, dead; a finished job is deleted.
  status TEXT NOT NULL DEFAULT 'ready',
  run_at INTEGER NOT NULL,
  lease_owner TEXT,
  lease_until INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE status = 'ready';

CREATE TABLE idempotency_keys (
  -- A merchant's id with its mode, or a checkout session's id.
  owner TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  -- Null while the first request is being worked on.
  reply BLOB,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (owner, endpoint, key)
) STRICT;
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

-- Gateways, checkout and payments.

CREATE TABLE connections (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  id TEXT NOT NULL,
  provider TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  -- JSON arrays; an empty list of currencies means all.
  methods TEXT NOT NULL,
  currencies TEXT NOT NULL,
  credentials BLOB,
  -- Lower goes first.
  priority INTEGER NOT NULL,
  last_test_at INTEGER,
  last_test_code TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, livemode, id)
) STRICT;

CREATE TABLE payment_links (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  id TEXT NOT NULL,
  token TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  description TEXT,
  currency TEXT NOT NULL,
  -- Null: the customer chooses, between the bounds.
  amount INTEGER,
  min_amount INTEGER,
  max_amount INTEGER,
  -- Most pieces that one customer may take; 1 hides the choice.
  max_quantity INTEGER NOT NULL DEFAULT 1,
  -- Null: unlimited. `sold` counts pieces reserved by payments under way or done.
  stock INTEGER,
  sold INTEGER NOT NULL DEFAULT 0,
  active INTEGER NOT NULL DEFAULT TRUE,
  success_url TEXT,
  created_by TEXT REFERENCES users (id),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, livemode, id),
  CHECK (stock IS NULL OR sold <= stock)
) STRICT;
CREATE INDEX payment_links_by_creation ON payment_links (merchant_id, livemode, created_at, id);

CREATE TABLE checkout_sessions (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  id TEXT NOT NULL,
  -- Random; whoever has it may pay.
  token TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount INTEGER NOT NULL,
  -- JSON: [{"name","quantity","unit_amount"}]
  line_items TEXT NOT NULL,
  description TEXT,
  customer_email TEXT,
  client_reference TEXT,
  metadata TEXT NOT NULL DEFAULT '{}',
  success_url TEXT,
  cancel_url TEXT,
  locale TEXT,
  link_id TEXT,
  -- Pieces of the link's stock that this session holds.
  quantity INTEGER NOT NULL DEFAULT 1,
  payment_id TEXT,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  completed_at INTEGER,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, link_id) REFERENCES payment_links (merchant_id, livemode, id),
  CHECK (amount > 0)
) STRICT;
CREATE INDEX checkout_sessions_by_creation ON checkout_sessions (merchant_id, livemode, created_at, id);
CREATE INDEX checkout_sessions_open ON checkout_sessions (expires_at) WHERE status = 'open';

CREATE TABLE payments (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  id TEXT NOT NULL,
  -- One payment per session.
  session_id TEXT,
  status TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount INTEGER NOT NULL,
  captured INTEGER NOT NULL DEFAULT 0,
  -- Succeeded refunds, and refunds that are reserved but not settled: together never above `captured`.
  refunded INTEGER NOT NULL DEFAULT 0,
  refund_reserved INTEGER NOT NULL DEFAULT 0,
  fee INTEGER NOT NULL DEFAULT 0,
  description TEXT,
  customer_email TEXT,
  reference TEXT,
  metadata TEXT NOT NULL DEFAULT '{}',
  -- Of the latest attempt, for lists.
  connection_id TEXT,
  provider TEXT,
  method TEXT,
  card_brand TEXT,
  card_last4 TEXT,
  decline_code TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  -- Random; opens the receipt.
  receipt_token TEXT NOT NULL UNIQUE,
  captured_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, session_id) REFERENCES checkout_sessions (merchant_id, livemode, id),
  CHECK (amount > 0),
  CHECK (captured >= 0 AND captured <= amount),
  CHECK (refunded >= 0 AND refund_reserved >= 0 AND refunded + refund_reserved <= captured)
) STRICT;
CREATE UNIQUE INDEX payments_one_per_session ON payments (merchant_id, livemode, session_id) WHERE session_id IS NOT NULL;
CREATE INDEX payments_by_creation ON payments (merchant_id, livemode, created_at, id);
CREATE INDEX payments_by_status ON payments (merchant_id, livemode, status, created_at, id);
CREATE INDEX payments_by_email ON payments (merchant_id, livemode, customer_email, created_at, id) WHERE customer_email IS NOT NULL;

CREATE TABLE attempts (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  id TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  connection_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  status TEXT NOT NULL,
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  method TEXT NOT NULL,
  card_brand TEXT,
  card_last4 TEXT,
  card_exp_month INTEGER,
  card_exp_year INTEGER,
  card_country TEXT,
  -- The gateway's own name for the charge.
  gateway_ref TEXT,
  decline_code TEXT,
  decline_class TEXT,
  raw_code TEXT,
  raw_message TEXT,
  fee INTEGER NOT NULL DEFAULT 0,
  -- Where the customer's bank wants them, while the status is requires_action.
  action_url TEXT,
  -- It took money beside another attempt that had taken it: owed to the customer, and no part of the payment's captured.
  surplus INTEGER NOT NULL DEFAULT FALSE,
  -- The attempt's own idempotency key: the hidden field of the form that made it.
  form_key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, livemode, id),
  UNIQUE (merchant_id, livemode, payment_id, seq),
  UNIQUE (merchant_id, livemode, payment_id, form_key),
  FOREIGN KEY (merchant_id, livemode, payment_id) REFERENCES payments (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, connection_id) REFERENCES connections (merchant_id, livemode, id)
) STRICT;
-- At most one attempt per payment that may charge.
CREATE UNIQUE INDEX attempts_one_live ON attempts (merchant_id, livemode, payment_id)
  WHERE status IN ('created', 'processing', 'requires_action', 'unknown', 'authorized', 'succeeded') AND NOT surplus;

CREATE TABLE refunds (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  id TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  attempt_id TEXT NOT NULL,
  status TEXT NOT NULL,
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  -- duplicate, fraudulent, requested_by_customer, other
  reason TEXT NOT NULL,
  note TEXT,
  failure_code TEXT,
  raw_code TEXT,
  created_by TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, payment_id) REFERENCES payments (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, attempt_id) REFERENCES attempts (merchant_id, livemode, id),
  CHECK (amount > 0)
) STRICT;
CREATE INDEX refunds_by_payment ON refunds (merchant_id, livemode, payment_id);
CREATE INDEX refunds_by_creation ON refunds (merchant_id, livemode, created_at, id);
CREATE INDEX refunds_by_status ON refunds (merchant_id, livemode, status, created_at, id);

-- Calls to gateways: committed before they are sent.
CREATE TABLE operations (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  id TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  attempt_id TEXT NOT NULL,
  refund_id TEXT,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  -- Our key for the gateway.
  idempotency_key TEXT NOT NULL UNIQUE,
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  gateway_ref TEXT,
  raw_code TEXT,
  raw_message TEXT,
  -- When the reconciler asks next, while the outcome is open.
  next_check_at INTEGER,
  checks INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  sent_at INTEGER,
  finished_at INTEGER,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, payment_id) REFERENCES payments (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, attempt_id) REFERENCES attempts (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, refund_id) REFERENCES refunds (merchant_id, livemode, id)
) STRICT;
CREATE INDEX operations_by_attempt ON operations (merchant_id, livemode, attempt_id);
CREATE INDEX operations_open ON operations (next_check_at) WHERE next_check_at IS NOT NULL;

-- The ledger. Rows are written once; a mistake is reversed by another journal.

CREATE TABLE journals (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  refund_id TEXT,
  -- What it books, so that nothing is booked twice: an attempt's or a refund's id.
  source_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, livemode, id),
  UNIQUE (merchant_id, livemode, kind, source_id),
  FOREIGN KEY (merchant_id, livemode, payment_id) REFERENCES payments (merchant_id, livemode, id),
  FOREIGN KEY (merchant_id, livemode, refund_id) REFERENCES refunds (merchant_id, livemode, id)
) STRICT;
CREATE INDEX journals_by_payment ON journals (merchant_id, livemode, payment_id);

CREATE TABLE entries (
  merchant_id TEXT NOT NULL,
  livemode INTEGER NOT NULL,
  journal_id TEXT NOT NULL,
  line INTEGER NOT NULL,
  account TEXT NOT NULL,
  currency TEXT NOT NULL,
  -- Debits positive, credits negative.
  amount INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, livemode, journal_id, line),
  FOREIGN KEY (merchant_id, livemode, journal_id) REFERENCES journals (merchant_id, livemode, id),
  CHECK (amount <> 0)
) STRICT;

-- Rollups: payments append deltas, a job folds them into days.

CREATE TABLE stat_deltas (
  id TEXT NOT NULL PRIMARY KEY,
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  -- UTC hour, as hours since the Unix epoch, so that a merchant's own days can be cut from it.
  hour INTEGER NOT NULL,
  currency TEXT NOT NULL,
  succeeded INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  volume INTEGER NOT NULL DEFAULT 0,
  refunds INTEGER NOT NULL DEFAULT 0,
  refund_volume INTEGER NOT NULL DEFAULT 0,
  fees INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX stat_deltas_by_merchant ON stat_deltas (merchant_id, livemode, currency, hour);

CREATE TABLE stat_hours (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  livemode INTEGER NOT NULL,
  currency TEXT NOT NULL,
  hour INTEGER NOT NULL,
  succeeded INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  volume INTEGER NOT NULL DEFAULT 0,
  refunds INTEGER NOT NULL DEFAULT 0,
  refund_volume INTEGER NOT NULL DEFAULT 0,
  fees INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (merchant_id, livemode, currency, hour)
) STRICT;

-- The sandbox's own book: the acquirer's side, ground truth for tests. Nothing of Paydeck's refers to it.

CREATE TABLE sandbox_charges (
  id TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  idempotency_key TEXT NOT NULL UNIQUE,
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  -- Capture at once; else authorise only.
  capture INTEGER NOT NULL DEFAULT TRUE,
  captured INTEGER NOT NULL DEFAULT 0,
  refunded INTEGER NOT NULL DEFAULT 0,
  fee INTEGER NOT NULL DEFAULT 0,
  -- succeeded, authorized, requires_action, processing, failed, voided
  status TEXT NOT NULL,
  decline_code TEXT,
  -- How it behaves: the name of the test card.
  scenario TEXT NOT NULL,
  challenge_token TEXT UNIQUE,
  settles_at INTEGER,
  created_at INTEGER NOT NULL,
  CHECK (captured <= amount),
  CHECK (refunded <= captured)
) STRICT;
CREATE INDEX sandbox_charges_by_account ON sandbox_charges (account, created_at);

CREATE TABLE sandbox_refunds (
  id TEXT NOT NULL PRIMARY KEY,
  charge_id TEXT NOT NULL REFERENCES sandbox_charges (id),
  idempotency_key TEXT NOT NULL UNIQUE,
  amount INTEGER NOT NULL,
  -- pending, succeeded, failed
  status TEXT NOT NULL,
  settles_at INTEGER,
  fails_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;

-- Settings of the whole installation, one row a name.
CREATE TABLE settings (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- Written once.
CREATE TRIGGER journals_no_update BEFORE UPDATE ON journals BEGIN SELECT RAISE(ABORT, 'journals are written once'); END;
CREATE TRIGGER journals_no_delete BEFORE DELETE ON journals BEGIN SELECT RAISE(ABORT, 'journals are written once'); END;
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are written once'); END;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are written once'); END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit_entries BEGIN SELECT RAISE(ABORT, 'audit entries are written once'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_entries BEGIN SELECT RAISE(ABORT, 'audit entries are written once'); END;
