//! The scriptable gateway: an HTTP server in the test's own process, whose log of charges and refunds is ground truth. A server
//! under test that is killed can neither lose nor change anything of it. Its connector is [`gateways::scripted`].

use gateways::scripted::{
    Scripted,
    wire::{self, Message},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What goes wrong with one call. `…Then…`: it did what it was asked before that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// A definite no.
    Decline,
    /// Taken; the funds settle later.
    Later,
    /// It does it and never answers.
    ActThenHang,
    /// It does it and hangs up.
    ActThenReset,
    /// It does it and sends half of its answer.
    ActThenTruncate,
    /// It does it and sends a whole answer that is no JSON.
    ActThenGarble,
    /// It does it and says 500.
    ActThen500,
    /// It hangs up and has done nothing.
    Reset,
    /// It never answers and has done nothing.
    Hang,
    /// It answers nonsense and has done nothing.
    Garble,
    /// It says 500 and has done nothing.
    Status500,
    /// It says 429 and has done nothing.
    Status429,
    /// It does it, and its answer is let through only by [`ScriptedGateway::let_through`].
    Slow,
}

/// A charge or a refund as the gateway knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The gateway's own name.
    pub id: String,
    /// The charge that a refund is of.
    pub charge: Option<String>,
    /// How much, in minor units.
    pub amount: i64,
    /// Of which currency.
    pub currency: String,
    /// `succeeded`, `processing`, `declined`; `failed` for a refund.
    pub state: String,
    /// Where the customer was to return to: names the checkout session.
    pub return_url: String,
    /// How often it was asked for.
    pub asked: usize,
}

impl Booked {
    fn json(&self) -> Value {
        json!({ "id": self.id, "amount": self.amount, "currency": self.currency, "state": self.state, "fee": 1 })
    }

    /// Whether money moved.
    #[must_use]
    pub fn moved(&self) -> bool {
        self.state == "succeeded"
    }
}

/// A plan of faults: told what is asked (`charges` or `refunds`) and under which key, it says what goes wrong.
type Plan = Box<dyn FnMut(&str, &str) -> Fault + Send>;

struct State {
    plan: Plan,
    charges: BTreeMap<String, Booked>,
    refunds: BTreeMap<String, Booked>,
    calls: usize,
    wrongs: Vec<String>,
}

struct Shared {
    state: Mutex<State>,
    /// Connections accepted and not answered or dropped yet.
    open: watch::Sender<usize>,
    /// Turns of slow answers.
    through: watch::Sender<u64>,
    life: Mutex<Life>,
}

/// Whether it listens.
enum Life {
    /// It does, until the sender is dropped; the task ends with it.
    Alive(watch::Sender<()>, JoinHandle<()>),
    /// It does not, and nobody else gets its port.
    Dead(TcpSocket),
    /// It is about to be one or the other.
    Turning,
}

/// The gateway; it ends with this value's runtime.
#[derive(Clone)]
pub struct ScriptedGateway {
    address: String,
    shared: Arc<Shared>,
}

impl std::fmt::Debug for ScriptedGateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScriptedGateway").field("address", &self.address).finish_non_exhaustive()
    }
}

impl ScriptedGateway {
    /// Listens at a free port of this machine.
    ///
    /// # Panics
    /// When it can't.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let state = State {
            plan: Box::new(|_, _| Fault::None),
            charges: BTreeMap::new(),
            refunds: BTreeMap::new(),
            calls: 0,
            wrongs: Vec::new(),
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            open: watch::Sender::new(0),
            through: watch::Sender::new(0),
            life: Mutex::new(Life::Turning),
        });
        let this = Self { address, shared };
        this.live(listener);
        this
    }

    /// Serves until it is killed.
    fn live(&self, listener: TcpListener) {
        let (stop, mut stopped) = watch::channel(());
        let server = self.clone();
        let task = tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    biased;
                    _ = stopped.changed() => return,
                    accepted = listener.accept() => accepted,
                };
                let Ok((stream, _)) = accepted else { return };
                // Counted before the next one is accepted: see `settled`.
                server.shared.open.send_modify(|open| *open += 1);
                let (server, mut stopped) = (server.clone(), stopped.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        () = server.serve(stream) => {}
                        _ = stopped.changed() => {}
                    }
                    server.shared.open.send_modify(|open| *open -= 1);
                });
            }
        });
        self.turn(Life::Alive(stop, task));
    }

    /// What it was before.
    fn turn(&self, life: Life) -> Life {
        std::mem::replace(&mut *self.shared.life.lock().expect("no test panicked here"), life)
    }

    /// Hangs up on everybody, whatever was done for them, and refuses connections; the log stays.
    ///
    /// # Panics
    /// When it is dead already.
    pub async fn kill(&self) {
        let Life::Alive(stop, task) = self.turn(Life::Turning) else { panic!("it is dead") };
        drop(stop);
        task.await.expect("it dies of nothing else");
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("its port may be taken again");
        socket.bind(self.address.parse().expect("an address")).expect("its port is still free");
        self.turn(Life::Dead(socket));
    }

    /// Listens again where it did.
    ///
    /// # Panics
    /// When it is not dead.
    pub fn revive(&self) {
        let Life::Dead(socket) = self.turn(Life::Turning) else { panic!("it lives") };
        self.live(socket.listen(1_024).expect("it listens"));
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A connector to it.
    #[must_use]
    pub fn connector(&self) -> Scripted {
        Scripted::new(&self.address)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().expect("no test panicked here")
    }

    /// What goes wrong from now on.
    pub fn plan(&self, plan: impl FnMut(&str, &str) -> Fault + Send + 'static) {
        self.state().plan = Box::new(plan);
    }

    /// The next calls go wrong so, and the ones after them not.
    pub fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        let mut faults: std::collections::VecDeque<Fault> = faults.into_iter().collect();
        self.plan(move |_, _| faults.pop_front().unwrap_or(Fault::None));
    }

    /// Lets slow answers through.
    pub fn let_through(&self) {
        self.shared.through.send_modify(|turn| *turn += 1);
    }

    /// Funds settle: what was on its way has one of these states now.
    pub fn settle(&self, charges: &str) {
        let mut state = self.state();
        state.charges.values_mut().filter(|c| c.state == "processing").for_each(|c| c.state = charges.to_owned());
    }

    /// Waits until every call that reached this machine before now is done with. The caller has gone; what it sent is here:
    /// connections are accepted in their order, so when ours is served, theirs were accepted.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn settled(&self) {
        wire::send(&self.address, "GET /ping", &[], b"").await.expect("the gateway answers");
        self.shared.open.subscribe().wait_for(|open| *open == 0).await.expect("the gateway lives");
    }

    /// Every charge, by our key.
    #[must_use]
    pub fn charges(&self) -> BTreeMap<String, Booked> {
        self.state().charges.clone()
    }

    /// Every refund, by our key.
    #[must_use]
    pub fn refunds(&self) -> BTreeMap<String, Booked> {
        self.state().refunds.clone()
    }

    /// How many calls it has heard, questions not counted.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.state().calls
    }

    /// What no caller may do and somebody did: a key for two different requests, more refunded than charged.
    #[must_use]
    pub fn wrongs(&self) -> Vec<String> {
        self.state().wrongs.clone()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Ok(Some(request)) = wire::receive(&mut stream).await else { return };
        let mut words = request.start.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let answer = match (method, target) {
            ("POST", "/charges") => self.act(&request, "charges", &mut stream).await,
            ("POST", "/refunds") => self.act(&request, "refunds", &mut stream).await,
            ("GET", "/ping") => Some((200, "{}".to_owned())),
            ("GET", _) => Some(self.find(target)),
            _ => Some((404, "{}".to_owned())),
        };
        if let Some((status, body)) = answer {
            respond(&mut stream, status, &body, body.len()).await;
        }
    }

    async fn act(&self, request: &Message, what: &str, stream: &mut TcpStream) -> Option<(u16, String)> {
        let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let (fault, body) = self.decide(what, &asked);
        match fault {
            Fault::None | Fault::Decline | Fault::Later => Some((200, body)),
            Fault::ActThenHang | Fault::Hang => {
                // Until the caller has gone.
                let _ = stream.read(&mut [0; 1]).await;
                None
            }
            Fault::ActThenReset | Fault::Reset => {
                // Unread or not, the connection ends without an answer.
                let _ = stream.set_zero_linger();
                None
            }
            Fault::ActThenTruncate => {
                respond(stream, 200, &body[..body.len() / 2], body.len()).await;
                None
            }
            Fault::ActThenGarble => Some((200, body[..body.len() / 2].to_owned())),
            Fault::Garble => Some((200, "<html>".to_owned())),
            Fault::ActThen500 | Fault::Status500 => Some((500, "{}".to_owned())),
            Fault::Status429 => Some((429, "{}".to_owned())),
            Fault::Slow => {
                let mut through = self.shared.through.subscribe();
                tokio::select! {
                    _ = through.changed() => Some((200, body)),
                    _ = async { stream.read(&mut [0; 1]).await } => None,
                }
            }
        }
    }

    /// Books what is asked for, as its fault has it; the log is written before anything is answered.
    fn decide(&self, what: &str, asked: &Value) -> (Fault, String) {
        let text = |field: &str| asked.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (key, amount) = (text("key"), asked.get("amount").and_then(Value::as_i64).unwrap_or_default());
        let mut state = self.state();
        state.calls += 1;
        let fault = (state.plan)(what, &key);
        if matches!(fault, Fault::Reset | Fault::Hang | Fault::Garble | Fault::Status500 | Fault::Status429) {
            return (fault, String::new());
        }
        let wanted = match (what, fault) {
            (_, Fault::Later) => "processing",
            ("charges", Fault::Decline) => "declined",
            ("refunds", Fault::Decline) => "failed",
            _ => "succeeded",
        };
        let mut booked = Booked {
            id: format!("{}_{key}", if what == "charges" { "sch" } else { "sre" }),
            charge: (what == "refunds").then(|| text("charge")),
            amount,
            currency: text("currency"),
            state: wanted.to_owned(),
            return_url: text("return_url"),
            asked: 1,
        };
        let state = &mut *state;
        if what == "refunds" && !state.may_refund(&booked, &key) {
            booked.state = "failed".to_owned();
        }
        let book = if what == "charges" { &mut state.charges } else { &mut state.refunds };
        let known = book.entry(key.clone()).and_modify(|known| known.asked += 1).or_insert(booked.clone());
        if (known.amount, &known.currency, &known.charge) != (booked.amount, &booked.currency, &booked.charge) {
            state.wrongs.push(format!("{key} was used for two requests: {known:?}, {booked:?}"));
        }
        (fault, known.json().to_string())
    }

    fn find(&self, target: &str) -> (u16, String) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let of =
            |name: &str| query.split('&').filter_map(|p| p.split_once('=')).find(|(n, _)| *n == name).map(|(_, v)| v);
        let (key, id) = (of("key").unwrap_or_default(), of("id").unwrap_or_default());
        let state = self.state();
        let book = if path == "/charges" { &state.charges } else { &state.refunds };
        let found = book.get(key).or_else(|| book.values().find(|booked| booked.id == id));
        found.map_or((404, "{}".to_owned()), |booked| (200, booked.json().to_string()))
    }
}

impl State {
    /// Whether a charge still holds what a refund asks for; a new one that exceeds it is somebody's mistake.
    fn may_refund(&mut self, refund: &Booked, key: &str) -> bool {
        let charge = self.charges.values().find(|c| Some(&c.id) == refund.charge.as_ref() && c.moved());
        let Some(charge) = charge else {
            self.wrongs.push(format!("refund {key} is of no charge: {refund:?}"));
            return false;
        };
        let others = self.refunds.iter().filter(|(k, r)| *k != key && r.charge == refund.charge && r.state != "failed");
        let sum: i64 = others.map(|(_, r)| r.amount).sum();
        if sum + refund.amount > charge.amount {
            self.wrongs.push(format!("refund {key} of {} beside {sum} exceeds {charge:?}", refund.amount));
            return false;
        }
        true
    }
}

async fn respond(stream: &mut TcpStream, status: u16, body: &str, length: usize) {
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    // A caller that has gone needs no answer.
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
    let _ = stream.shutdown().await;
}
