//! A gateway that does what its script says. Its own log of charges and refunds is ground truth.

mod disputes;
mod listing;
mod saved;

pub use disputes::dispute;

use async_trait::async_trait;
use domain::{
    Currency, FieldProblem, Money, Timestamp,
    decline::DeclineCode,
    views::{checkout::PayFields, gateway::Provider},
};
use gateways::{
    Abandons, Call, Captures, CardFacts, Challenges, ChargeReply, ChargeRequest, ChargeState, Charges, CheckCode,
    ConnectionCheck, Credentials, DisputeReply, Disputes, EventHint, EventRefused, Events, FindsOut, Gateway,
    GatewayFailure, Incoming, Listing, Lookup, MethodInput, Prepares, RefundReply, RefundRequest, RefundState, Refunds,
    SavedMethod, Saves, Wanted, currencies::Counting,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard};

/// Its key in the registry and in `connections.provider`.
pub const KEY: &str = "fake";

/// What the next charge does. Without a script it succeeds, with a fee of one minor unit.
#[derive(Debug, Clone)]
pub enum Script {
    /// Notes the charge and answers.
    Succeed,
    /// Notes a charge in this state and answers it.
    Reply(ChargeState),
    /// Notes the charge as succeeded, and the answer is lost.
    ChargeThenLose,
    /// Notes the charge as succeeded and never answers.
    ChargeThenHang,
    /// Notes nothing, and the answer is lost.
    Lose,
    /// Notes nothing: the request never left.
    NotSent,
    /// Captures another amount than was asked.
    WrongAmount(i64),
}

/// What the next refund does. Without a script it succeeds.
#[derive(Debug, Clone)]
pub enum RefundScript {
    /// Notes a refund in this state and answers it.
    Reply(RefundState),
    /// Notes the refund as succeeded, and the answer is lost.
    RefundThenLose,
    /// Notes nothing, and the answer is lost.
    Lose,
    /// Notes nothing: the request never left.
    NotSent,
}

/// What the next capture or release does. Without a script it is done, a capture with a fee of one minor unit.
#[derive(Debug, Clone)]
pub enum ReleaseScript {
    /// Does it and answers.
    Do,
    /// Does it, and the answer is lost (a reset, a 500, a body that can't be read).
    DoThenLose,
    /// Does it and never answers.
    DoThenHang,
    /// Does nothing, and the answer is lost.
    Lose,
    /// Does nothing: the request never left.
    NotSent,
    /// Does nothing and says no.
    Refuse,
    /// Does nothing and says that it is working on it.
    Work,
    /// Captures another amount than was asked, also when it was asked to release.
    Capture(i64),
    /// Lets go of the amount, also when it was asked to capture.
    Release,
}

/// A charge as the gateway knows it.
#[derive(Debug, Clone)]
pub struct FakeCharge {
    /// The gateway's own name.
    pub id: String,
    /// How much was asked.
    pub amount: Money,
    /// Where it stands.
    pub state: ChargeState,
    /// The connection that asked for it.
    pub account: String,
    /// When.
    pub made_at: Timestamp,
    /// What it keeps of the method.
    pub saved: Option<SavedMethod>,
}

/// A refund as the gateway knows it.
#[derive(Debug, Clone)]
pub struct FakeRefund {
    /// The gateway's own name.
    pub id: String,
    /// The charge's name.
    pub charge: String,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: RefundState,
    /// The connection that asked for it.
    pub account: String,
    /// When.
    pub made_at: Timestamp,
}

#[derive(Debug, Default)]
struct State {
    scripts: VecDeque<Script>,
    habits: BTreeMap<String, Script>,
    refund_scripts: VecDeque<RefundScript>,
    release_scripts: VecDeque<ReleaseScript>,
    releases: usize,
    lookups: usize,
    capture_before: Option<Timestamp>,
    charges: BTreeMap<String, FakeCharge>,
    refunds: BTreeMap<String, FakeRefund>,
    disputes: BTreeMap<String, DisputeReply>,
    calls: usize,
    deaf: bool,
    lists: bool,
    finds_out: Option<FindsOut>,
    lists_after: i64,
    hides_keys: bool,
    listed: usize,
    cancelled: BTreeSet<String>,
    fields: Option<PayFields>,
    prepares: bool,
    prepared: Vec<String>,
    unprepared: Option<GatewayFailure>,
    abandoned: Vec<String>,
    resumed: usize,
    tokens: Vec<(String, String)>,
    saved: saved::Saved,
}

/// A scriptable gateway.
#[derive(Debug, Default)]
pub struct FakeGateway(Mutex<State>);

impl FakeGateway {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panicked here")
    }

    /// What the next charges do, in this order.
    pub fn script(&self, scripts: impl IntoIterator<Item = Script>) {
        self.state().scripts.extend(scripts);
    }

    /// What every charge of a connection does until said otherwise, when no script is left. None: it succeeds again.
    pub fn set_habit(&self, account: &str, habit: Option<Script>) {
        let mut state = self.state();
        match habit {
            Some(habit) => state.habits.insert(account.to_owned(), habit),
            None => state.habits.remove(account),
        };
    }

    /// What the next refunds do, in this order.
    pub fn script_refunds(&self, scripts: impl IntoIterator<Item = RefundScript>) {
        self.state().refund_scripts.extend(scripts);
    }

    /// What the next captures and releases do, in this order.
    pub fn script_releases(&self, scripts: impl IntoIterator<Item = ReleaseScript>) {
        self.state().release_scripts.extend(scripts);
    }

    /// How many captures and releases were sent to it, done or not.
    #[must_use]
    pub fn releases(&self) -> usize {
        self.state().releases
    }

    /// How its methods are given; typed on our page unless said otherwise.
    pub fn set_fields(&self, fields: PayFields) {
        self.state().fields = Some(fields);
    }

    /// Makes a charge without taking anything before it is confirmed, or fails to.
    pub fn set_prepares(&self, fails: Option<GatewayFailure>) {
        let mut state = self.state();
        (state.prepares, state.unprepared) = (true, fails);
    }

    /// Keys under which something was prepared.
    #[must_use]
    pub fn prepared(&self) -> Vec<String> {
        self.state().prepared.clone()
    }

    /// Charges that were given up, by its own names.
    #[must_use]
    pub fn abandoned(&self) -> Vec<String> {
        self.state().abandoned.clone()
    }

    /// How often it was gone on with.
    #[must_use]
    pub fn resumed(&self) -> usize {
        self.state().resumed
    }

    /// Tokens that it was given, with the connection that each came by.
    #[must_use]
    pub fn tokens(&self) -> Vec<(String, String)> {
        self.state().tokens.clone()
    }

    /// How many questions were asked.
    #[must_use]
    pub fn lookups(&self) -> usize {
        self.state().lookups
    }

    /// When the authorisations that it gives from now on end, as it says.
    pub fn set_capture_before(&self, at: Option<Timestamp>) {
        self.state().capture_before = at;
    }

    /// Forgets scripts that nobody came for.
    pub fn clear_scripts(&self) {
        let mut state = self.state();
        state.scripts.clear();
        state.refund_scripts.clear();
        state.release_scripts.clear();
    }

    /// Whether questions stay without an answer.
    pub fn set_deaf(&self, deaf: bool) {
        self.state().deaf = deaf;
    }

    /// Whether it can list what it did.
    pub fn set_lists(&self, lists: bool) {
        self.state().lists = lists;
    }

    /// How it finds out what became of a call; by id unless said otherwise.
    pub fn set_finds_out(&self, way: FindsOut) {
        self.state().finds_out = Some(way);
    }

    /// When it lists a charge, in milliseconds after it was made, and whether the list gives our keys back.
    pub fn set_listing(&self, lists_after: i64, lists_keys: bool) {
        let mut state = self.state();
        (state.lists_after, state.hides_keys) = (lists_after, !lists_keys);
    }

    /// How often it was asked for a list.
    #[must_use]
    pub fn listed(&self) -> usize {
        self.state().listed
    }

    /// Keys that were cancelled by asking about them: nothing is charged under them any more.
    #[must_use]
    pub fn cancelled(&self) -> BTreeSet<String> {
        self.state().cancelled.clone()
    }

    /// Notes a refund that succeeded under a key: what was thought never to have happened.
    pub fn note_refund(&self, key: &str, amount: Money) {
        let (id, charge, account) = (format!("fre_{key}"), String::new(), String::new());
        let state = RefundState::Succeeded;
        let refund = FakeRefund { id, charge, amount, state, account, made_at: Timestamp(0) };
        self.state().refunds.insert(key.to_owned(), refund);
    }

    /// Every charge that it noted, by our key.
    #[must_use]
    pub fn charges(&self) -> BTreeMap<String, FakeCharge> {
        self.state().charges.clone()
    }

    /// Every refund that it noted, by our key.
    #[must_use]
    pub fn refunds(&self) -> BTreeMap<String, FakeRefund> {
        self.state().refunds.clone()
    }

    /// How many charges were sent to it, noted or not.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.state().calls
    }

    /// All its charges get another state, for instance when funds settle.
    pub fn settle_all(&self, state: &ChargeState) {
        self.state().charges.values_mut().for_each(|charge| charge.state = state.clone());
    }

    /// All its refunds get another state, for instance when banks return them.
    pub fn settle_all_refunds(&self, state: &RefundState) {
        self.state().refunds.values_mut().for_each(|refund| refund.state = state.clone());
    }

    /// One of its charges gets another state.
    pub fn set_charge(&self, key: &str, state: &ChargeState) {
        if let Some(charge) = self.state().charges.get_mut(key) {
            charge.state = state.clone();
        }
    }

    /// Notes a charge that succeeded under a key: what arrives late.
    pub fn note_success(&self, key: &str, amount: Money) {
        let (id, state, account) = (format!("fch_{key}"), succeeded(amount), String::new());
        let charge = FakeCharge { id, amount, state, account, made_at: Timestamp(0), saved: None };
        self.state().charges.insert(key.to_owned(), charge);
    }

    /// One of its refunds gets another state.
    pub fn set_refund(&self, key: &str, state: &RefundState) {
        if let Some(refund) = self.state().refunds.get_mut(key) {
            refund.state = state.clone();
        }
    }
}

/// What a charge that works comes to.
fn granted(request: &ChargeRequest, capture_before: Option<Timestamp>) -> ChargeState {
    if request.capture { succeeded(request.amount) } else { ChargeState::Authorized { capture_before } }
}

/// A success with this gateway's fee.
#[must_use]
pub fn succeeded(amount: Money) -> ChargeState {
    ChargeState::Succeeded { captured: amount, fee: Some(Money::new(1, amount.currency)) }
}

fn reply_of(charge: &FakeCharge) -> ChargeReply {
    ChargeReply {
        gateway_ref: Some(charge.id.clone()),
        state: charge.state.clone(),
        card: None,
        saved: charge.saved.clone().filter(|_| !matches!(charge.state, ChargeState::Declined(_))),
        raw_code: None,
        raw_message: None,
    }
}

fn refund_reply_of(refund: &FakeRefund) -> RefundReply {
    RefundReply {
        gateway_ref: Some(refund.id.clone()),
        amount: refund.amount,
        state: refund.state.clone(),
        raw_code: None,
        raw_message: None,
    }
}

impl Gateway for FakeGateway {
    fn key(&self) -> &'static str {
        KEY
    }

    fn describe(&self) -> Provider {
        let capabilities = vec!["events".to_owned()];
        Provider { key: KEY.to_owned(), methods: vec!["card".to_owned()], fields: Vec::new(), capabilities }
    }

    fn counts(&self, currency: Currency) -> Option<Counting> {
        Some(Counting::iso(currency))
    }

    fn charges(&self) -> &dyn Charges {
        self
    }

    fn prepares(&self) -> Option<&dyn Prepares> {
        if self.state().prepares { Some(self) } else { None }
    }

    fn abandons(&self) -> Option<&dyn Abandons> {
        Some(self)
    }

    fn captures(&self) -> Option<&dyn Captures> {
        Some(self)
    }

    fn refunds(&self) -> Option<&dyn Refunds> {
        Some(self)
    }

    fn finds_out(&self) -> FindsOut {
        self.state().finds_out.unwrap_or(FindsOut::ById)
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(self)
    }

    fn listing(&self) -> Option<&dyn Listing> {
        let state = self.state();
        if state.lists || state.finds_out == Some(FindsOut::ByListing) { Some(self) } else { None }
    }

    fn events(&self) -> Option<&dyn Events> {
        Some(self)
    }

    fn saves(&self) -> Option<&dyn Saves> {
        Some(self)
    }

    fn disputes(&self) -> Option<&dyn Disputes> {
        Some(self)
    }

    fn check(&self) -> &dyn ConnectionCheck {
        self
    }

    fn challenges(&self) -> Option<&dyn Challenges> {
        None
    }
}

#[async_trait]
impl Charges for FakeGateway {
    fn fields(&self, _wanted: &Wanted<'_>, _credentials: &Credentials) -> PayFields {
        self.state().fields.clone().unwrap_or(PayFields::Typed)
    }

    fn accept(&self, _method: &MethodInput, _now: Timestamp) -> Result<Option<CardFacts>, Vec<FieldProblem>> {
        Ok(Some(CardFacts {
            brand: "visa".to_owned(),
            last4: "4242".to_owned(),
            exp_month: Some(12),
            exp_year: Some(2034),
            country: None,
        }))
    }

    async fn charge(&self, call: &Call, request: &ChargeRequest) -> Result<ChargeReply, GatewayFailure> {
        // So that racing calls really interleave.
        tokio::task::yield_now().await;
        let (script, reply) = {
            let mut state = self.state();
            state.calls += 1;
            if let MethodInput::Saved(saved) = &request.method {
                state.saved.charged(&call.account, saved, request.initiator);
            }
            if let MethodInput::Token(token) = &request.method {
                state.tokens.push((call.account.clone(), token.clone()));
            }
            if let Some(before) = state.charges.get(&call.idempotency_key) {
                return Ok(reply_of(before));
            }
            if state.cancelled.contains(&call.idempotency_key) {
                return Err(GatewayFailure::not_sent("the key is cancelled"));
            }
            let habit = state.habits.get(&call.account).cloned();
            let script = state.scripts.pop_front().or(habit).unwrap_or(Script::Succeed);
            let noted = match &script {
                Script::Succeed | Script::ChargeThenLose | Script::ChargeThenHang => {
                    Some(granted(request, state.capture_before))
                }
                Script::Reply(reply) => Some(reply.clone()),
                Script::WrongAmount(minor) => Some(succeeded(Money::new(*minor, request.amount.currency))),
                Script::Lose | Script::NotSent => None,
            };
            let charge = noted.map(|reply| FakeCharge {
                id: format!("fch_{}", call.idempotency_key),
                amount: request.amount,
                state: reply,
                account: call.account.clone(),
                made_at: call.now,
                saved: request.keep.as_ref().map(|keep| saved::kept(&call.account, keep)),
            });
            if let Some(charge) = &charge {
                state.charges.insert(call.idempotency_key.clone(), charge.clone());
            }
            (script, charge.as_ref().map(reply_of))
        };
        match (script, reply) {
            (Script::NotSent, _) => Err(GatewayFailure::not_sent("connection refused")),
            (Script::ChargeThenHang, _) => std::future::pending().await,
            (Script::Succeed | Script::Reply(_) | Script::WrongAmount(_), Some(reply)) => Ok(reply),
            _ => Err(GatewayFailure::unknown("connection reset")),
        }
    }

    async fn resume(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        self.state().resumed += 1;
        match self.find_charge(call, &call.idempotency_key, Some(gateway_ref)).await? {
            Some(reply) => Ok(reply),
            None => Err(GatewayFailure::unknown("no such charge")),
        }
    }
}

impl FakeGateway {
    /// Captures (some amount) or releases (none) a charge that is authorised; any other hears where it stands.
    async fn release(&self, gateway_ref: &str, amount: Option<Money>) -> Result<ChargeReply, GatewayFailure> {
        tokio::task::yield_now().await;
        let (script, reply) = {
            let mut state = self.state();
            state.releases += 1;
            let script = state.release_scripts.pop_front().unwrap_or(ReleaseScript::Do);
            let charge = state.charges.values_mut().find(|charge| charge.id == gateway_ref);
            let charge = charge.ok_or_else(|| GatewayFailure::not_sent("no such charge"))?;
            if matches!(charge.state, ChargeState::Authorized { .. }) {
                match (&script, amount) {
                    (ReleaseScript::Capture(minor), _) => {
                        charge.state = succeeded(Money::new(*minor, charge.amount.currency));
                    }
                    (ReleaseScript::Do | ReleaseScript::DoThenLose | ReleaseScript::DoThenHang, Some(amount)) => {
                        charge.state = succeeded(amount);
                    }
                    (ReleaseScript::Release, _)
                    | (ReleaseScript::Do | ReleaseScript::DoThenLose | ReleaseScript::DoThenHang, None) => {
                        charge.state = ChargeState::Canceled;
                    }
                    _ => {}
                }
            }
            (script, reply_of(charge))
        };
        let as_it = |state| Ok(ChargeReply { state, ..reply.clone() });
        match script {
            ReleaseScript::DoThenHang => std::future::pending().await,
            ReleaseScript::DoThenLose | ReleaseScript::Lose => Err(GatewayFailure::unknown("connection reset")),
            ReleaseScript::NotSent => Err(GatewayFailure::not_sent("connection refused")),
            ReleaseScript::Refuse => as_it(ChargeState::Declined(DeclineCode::GenericDecline)),
            ReleaseScript::Work => as_it(ChargeState::Processing),
            ReleaseScript::Do | ReleaseScript::Capture(_) | ReleaseScript::Release => Ok(reply),
        }
    }
}

#[async_trait]
impl Prepares for FakeGateway {
    async fn prepare(
        &self,
        call: &Call,
        _request: &ChargeRequest,
    ) -> Result<Result<Option<String>, ChargeReply>, GatewayFailure> {
        let mut state = self.state();
        if let Some(failure) = &state.unprepared {
            return Err(failure.clone());
        }
        state.prepared.push(call.idempotency_key.clone());
        Ok(Ok(Some(format!("fch_{}", call.idempotency_key))))
    }
}

#[async_trait]
impl Abandons for FakeGateway {
    async fn abandon(&self, _call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        let mut state = self.state();
        if state.deaf {
            return Err(GatewayFailure::unknown("no answer"));
        }
        state.abandoned.push(gateway_ref.to_owned());
        let charge = state.charges.values_mut().find(|charge| charge.id == gateway_ref);
        let charge = charge.ok_or_else(|| GatewayFailure::unknown("no such charge"))?;
        if matches!(charge.state, ChargeState::RequiresAction { .. }) {
            charge.state = ChargeState::Canceled;
        }
        Ok(reply_of(charge))
    }
}

#[async_trait]
impl Captures for FakeGateway {
    async fn capture(&self, _call: &Call, gateway_ref: &str, amount: Money) -> Result<ChargeReply, GatewayFailure> {
        self.release(gateway_ref, Some(amount)).await
    }

    async fn void(&self, _call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        self.release(gateway_ref, None).await
    }
}

#[async_trait]
impl Refunds for FakeGateway {
    async fn refund(&self, call: &Call, request: &RefundRequest) -> Result<RefundReply, GatewayFailure> {
        tokio::task::yield_now().await;
        let mut state = self.state();
        if let Some(before) = state.refunds.get(&call.idempotency_key) {
            return Ok(refund_reply_of(before));
        }
        let script = state.refund_scripts.pop_front().unwrap_or(RefundScript::Reply(RefundState::Succeeded));
        let mut note = |status: RefundState| {
            let refund = FakeRefund {
                id: format!("fre_{}", call.idempotency_key),
                charge: request.charge_ref.clone(),
                amount: request.amount,
                state: status,
                account: call.account.clone(),
                made_at: call.now,
            };
            state.refunds.insert(call.idempotency_key.clone(), refund.clone());
            refund_reply_of(&refund)
        };
        match script {
            RefundScript::Reply(reply) => Ok(note(reply)),
            RefundScript::RefundThenLose => {
                note(RefundState::Succeeded);
                Err(GatewayFailure::unknown("connection reset"))
            }
            RefundScript::Lose => Err(GatewayFailure::unknown("connection reset")),
            RefundScript::NotSent => Err(GatewayFailure::not_sent("connection refused")),
        }
    }
}

#[async_trait]
impl Lookup for FakeGateway {
    async fn find_charge(
        &self,
        _call: &Call,
        our_key: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<ChargeReply>, GatewayFailure> {
        let mut state = self.state();
        state.lookups += 1;
        if state.deaf {
            return Err(GatewayFailure::unknown("no answer"));
        }
        if state.finds_out == Some(FindsOut::ByCancellingKey) && gateway_ref.is_none() {
            state.cancelled.insert(our_key.to_owned());
        }
        let by_ref = || state.charges.values().find(|charge| Some(charge.id.as_str()) == gateway_ref);
        Ok(state.charges.get(our_key).or_else(by_ref).map(reply_of))
    }

    async fn find_refund(
        &self,
        _call: &Call,
        our_key: &str,
        _charge_ref: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<RefundReply>, GatewayFailure> {
        let state = self.state();
        if state.deaf {
            return Err(GatewayFailure::unknown("no answer"));
        }
        let by_ref = || state.refunds.values().find(|refund| Some(refund.id.as_str()) == gateway_ref);
        Ok(state.refunds.get(our_key).or_else(by_ref).map(refund_reply_of))
    }
}

#[async_trait]
impl Events for FakeGateway {
    async fn read(&self, call: &Call, incoming: &Incoming<'_>) -> Result<EventHint, EventRefused> {
        gateways::scripted::read_event(call.now, incoming)
    }
}

#[async_trait]
impl ConnectionCheck for FakeGateway {
    fn problems(&self, _credentials: &Credentials, _livemode: bool) -> Vec<FieldProblem> {
        Vec::new()
    }

    async fn check(&self, _call: &Call) -> CheckCode {
        CheckCode::Ok
    }
}

/// A decline, for scripts.
#[must_use]
pub fn declined(code: DeclineCode) -> Script {
    Script::Reply(ChargeState::Declined(code))
}
