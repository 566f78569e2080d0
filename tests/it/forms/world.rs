//! Somebody for every form: visitors with links, a merchant with something on every page, applications in every state, customers
//! and the operator.

use super::Case;
use crate::onboarding::{PDF, fill};
use crate::support::{Browser, PASSWORD, TestApp, URL};
use domain::{MerchantId, MerchantRole, Mode, Scope};
use services::{MerchantActor, Origin, StaffActor};
use test_support::TestDb;
use test_support::builders::TestMerchant;

pub struct World {
    pub app: TestApp,
    number: u32,
    /// Of the merchant that has everything, its owner and the operator's first admin.
    owner: Browser,
    other_owner: Browser,
    admin: Browser,
    pub merchant: MerchantId,
    /// A merchant that was asked for more, and two that wait for a decision.
    pub asked: MerchantId,
    pub waiting: [MerchantId; 2],
    /// Links of mails.
    pub reset: String,
    pub invitation: String,
    pub first_admin: String,
    /// The customer's pages.
    pub pay: String,
    pub checkout: String,
    pub challenge: String,
    pub receipt: String,
    /// Ids in the portal.
    pub connection: String,
    /// A bank account, an entry of its statement that is more than what was asked, the transfer that it is for, and a table whose
    /// columns are to be said.
    pub account: String,
    pub entry: String,
    pub transfer: String,
    pub statement: String,
    pub link: String,
    pub session: String,
    pub payment: String,
    /// Payments whose amount is held and not captured.
    pub held: [String; 2],
    /// Somebody who agreed to have their card kept, and that card.
    pub customer: String,
    pub kept_method: String,
    /// A call of which nobody could find out for a day what became of it.
    pub doubt: String,
    pub colleague: String,
    pub mail: String,
    /// A mail that was given up, and a job that was laid aside.
    pub failed_mail: String,
    pub job: String,
}

/// The sandbox's card of which no answer comes.
const LOST: &str = "4000009900000053";

/// A text that lives as long as the tests.
pub fn kept(text: impl Into<String>) -> &'static str {
    Box::leak(text.into().into_boxed_str())
}

async fn enter(app: &TestApp, email: &str) -> MerchantActor {
    let user = format!("select id from users where email = '{email}'");
    let user = app.t.texts(&user).await.pop().unwrap();
    let merchant = format!("select merchant_id from members where user_id = '{user}'");
    let merchant = app.t.texts(&merchant).await.pop().unwrap().parse().unwrap();
    let scope = Scope { merchant, mode: Mode::Test };
    services::access::enter(&app.t.svc, &user.parse().unwrap(), &scope, Origin::default()).await.unwrap()
}

/// A merchant whose application waits for a decision.
async fn applied(app: &TestApp, email: &str) -> (Browser, MerchantId) {
    let mut browser = app.member(email).await;
    let merchant = enter(app, email).await.scope.merchant;
    let m = merchant.to_string();
    fill(&mut browser, &m).await;
    for purpose in ["registration", "bank", "identity"] {
        let texts = [("m", m.as_str()), ("purpose", purpose)];
        browser.upload("/onboarding/documents/upload", &texts, "paper.pdf", PDF).await.expect(303);
    }
    browser.post("/onboarding/submit", &[("m", &m)]).await.expect(303);
    (browser, merchant)
}

impl World {
    pub async fn on(db: TestDb) -> Self {
        let mut world = Self::before_the_first_admin(db).await;
        world.has_an_operator().await;
        world
    }

    /// Without staff, so that the one-time link still opens its form.
    pub async fn before_the_first_admin(db: TestDb) -> Self {
        let app = TestApp::on(db, &[]);
        let first = services::accounts::first_admin_token(&app.t.svc).await.unwrap().unwrap();
        let owner = app.member("ann@shop.example").await;
        let actor = enter(&app, "ann@shop.example").await;
        let (other_owner, asked) = applied(&app, "asked@shop.example").await;
        let waiting = [applied(&app, "one@shop.example").await.1, applied(&app, "two@shop.example").await.1];
        let mut world = Self {
            number: 0,
            owner,
            other_owner,
            admin: app.browser(),
            merchant: actor.scope.merchant.clone(),
            asked,
            waiting,
            reset: String::new(),
            invitation: String::new(),
            first_admin: format!("/first-admin/{first}"),
            pay: String::new(),
            checkout: String::new(),
            challenge: String::new(),
            receipt: String::new(),
            connection: String::new(),
            account: String::new(),
            entry: String::new(),
            transfer: String::new(),
            statement: String::new(),
            link: String::new(),
            session: String::new(),
            payment: String::new(),
            held: Default::default(),
            customer: String::new(),
            kept_method: String::new(),
            doubt: String::new(),
            colleague: String::new(),
            mail: String::new(),
            failed_mail: String::new(),
            job: String::new(),
            app,
        };
        world.sells(actor.clone()).await;
        world.has_a_team(&actor).await;
        // What a first look writes is written: the merchant used last, a draft that is begun.
        let m = world.merchant.clone();
        for path in [format!("/m/{m}/test/dashboard"), format!("/onboarding?m={m}")] {
            world.browser_at(&path).get(&path).await.expect(200);
        }
        world
    }

    /// A connection, a link, and payments in several states.
    async fn sells(&mut self, actor: MerchantActor) {
        let t = &self.app.t;
        let merchant = TestMerchant { actor: actor.clone() };
        self.connection = t.connection(&merchant, "sandbox").await.to_string();
        let form = domain::views::checkout::LinkForm {
            title: "Gulls".to_owned(),
            currency: "EUR".to_owned(),
            pricing: "customer".to_owned(),
            min_amount: "5".to_owned(),
            max_amount: "100".to_owned(),
            max_quantity: "5".to_owned(),
            ..Default::default()
        };
        let link = services::links::create(&t.svc, &actor, &form).await.unwrap();
        let url = services::links::get(&t.svc, &actor, &link).await.unwrap().url;
        self.pay = url.strip_prefix(URL).unwrap().to_owned();
        self.link = link.to_string();
        let open = t.session(&merchant, 1_200, "EUR").await;
        self.checkout = format!("/c/{}", open.token);
        self.session = open.id.to_string();
        self.payment = t.paid(&merchant, 4_800, "EUR").await.to_string();
        let receipt = t.texts("select receipt_token from payments where status = 'succeeded'").await.pop().unwrap();
        self.receipt = format!("/r/{receipt}");
        for held in &mut self.held {
            *held = t.authorized(&merchant, 6_000, "EUR").await.to_string();
        }
        let lost = t.session(&merchant, 900, "EUR").await;
        t.pay(&lost, LOST).await;
        self.doubt = t.texts("select id from operations where status = 'unknown'").await.pop().unwrap();
        t.sql("update operations set review_at = created_at where status = 'unknown'").await;
        let bank = t.session(&merchant, 700, "EUR").await;
        let stage = t.pay(&bank, "4000002760003184").await;
        let domain::views::checkout::CheckoutStage::Action { url, .. } = stage else { panic!("{stage:?}") };
        self.challenge = url.strip_prefix(URL).unwrap_or(&url).to_owned();
        self.has_a_customer(&merchant).await;
        self.has_a_bank(&merchant).await;
    }

    /// A customer who agreed to have their card kept.
    async fn has_a_customer(&mut self, merchant: &TestMerchant) {
        let t = &self.app.t;
        let order = t.session(merchant, 2_400, "EUR").await;
        let form = domain::views::checkout::PayForm {
            consent: Some("Blue Shop may charge this card again.".to_owned()),
            device: "the token of one browser".to_owned(),
            ..t.pay_form("4242424242424242")
        };
        t.try_pay(&order, form).await.unwrap();
        self.customer = t.texts("select id from customers").await.pop().unwrap();
        self.kept_method = t.texts("select id from payment_methods where status = 'active'").await.pop().unwrap();
    }

    /// A customer who transferred too much, and a table. The account takes no new payments, so that checkout asks for cards alone.
    async fn has_a_bank(&mut self, merchant: &TestMerchant) {
        let t = &self.app.t;
        let form = domain::views::gateway::ConnectionForm {
            provider: "bank_transfer".to_owned(),
            name: "Our bank".to_owned(),
            methods: vec!["bank_transfer".to_owned()],
            credentials: vec![
                ("holder".to_owned(), "Blue Shop".to_owned()),
                ("iban".to_owned(), "BE72000000001616".to_owned()),
            ],
            ..Default::default()
        };
        let account = services::connections::add(&t.svc, &merchant.actor, &form).await.unwrap();
        let order = t.session(merchant, 4_800, "EUR").await;
        let form = domain::views::checkout::PayForm {
            method: "bank_transfer".to_owned(),
            card: Default::default(),
            ..t.pay_form("")
        };
        t.try_pay(&order, form).await.unwrap();
        let told = services::checkout::view(&t.svc, &order.token).await.unwrap().transfer.unwrap();
        let day = t.now().date();
        let table = |amount: &str| {
            format!("Booking date;Amount;Currency;Payer;Reference\n{day};{amount};EUR;A Customer;{}\n", told.reference)
        };
        let bring = async |text: String| {
            let bytes = text.into_bytes();
            services::bank_transfers::bring(&t.svc, &merchant.actor, &account, "may.csv", bytes).await.unwrap()
        };
        let first = bring(table("50,00")).await;
        let columns = services::bank_transfers::columns(&t.svc, &merchant.actor, &first).await.unwrap().unwrap();
        // What the columns are is said by the form that is tried, so it is not kept.
        let second = bring(table("49,00")).await;
        services::bank_transfers::read_with(&t.svc, &merchant.actor, &first, &columns.form).await.unwrap();
        t.sql("delete from bank_mappings; update connections set status = 'paused' where provider = 'bank_transfer'")
            .await;
        self.account = account.to_string();
        self.statement = second.to_string();
        self.entry = t.texts("select id from bank_entries where status = 'doubtful'").await.pop().unwrap();
        self.transfer = t.texts("select id from bank_transfers").await.pop().unwrap();
    }

    /// A colleague, an open invitation, a mail to reset a password.
    async fn has_a_team(&mut self, actor: &MerchantActor) {
        let t = &self.app.t;
        let colleague = t.user().await;
        let (merchant, now) = (&actor.scope.merchant, t.now().0);
        t.sql(&format!(
            "insert into members (merchant_id, user_id, role, created_at) values ('{merchant}', '{colleague}', '{}', {now});",
            MerchantRole::Viewer.as_str()
        ))
        .await;
        self.colleague = colleague.to_string();
        services::team::invite(&t.svc, actor, "bo@shop.example", "developer").await.unwrap();
        self.invitation = self.app.mailed("invitation").await;
        services::accounts::request_reset(&t.svc, "ann@shop.example", &Origin::default()).await.unwrap();
        self.reset = self.app.mailed("reset_password").await;
        self.mail = t.texts("select id from mails where template = 'invitation'").await.pop().unwrap();
        self.failed_mail = t.texts("select id from mails where template = 'reset_password'").await.pop().unwrap();
        let job: domain::JobId = t.svc.new_id();
        self.job = job.to_string();
        t.sql(&format!(
            "update mails set status = 'failed', error = 'no server', next_try_at = null where id = '{}';
             insert into jobs (id, kind, payload, status, run_at, attempts, last_error, created_at, failed_at)
             values ('{job}', 'refund_by_rule', '{{}}', 'dead', {now}, 12, 'payload: it is empty', {now}, {now})",
            self.failed_mail
        ))
        .await;
        services::merchants::set_logo(&t.svc, actor, "logo.png", b"\x89PNG\r\n\x1a\nrest").await.unwrap();
        // A second login of the owner, so that there is a session to end.
        let form = [("email", "ann@shop.example"), ("password", PASSWORD)];
        self.app.browser().post("/login", &form).await.expect(303);
    }

    /// Staff, by a door beside the one-time link, which stays open for its own form.
    pub async fn has_an_operator(&mut self) {
        let svc = &self.app.t.svc;
        let password = Some(PASSWORD.to_owned());
        let role = domain::StaffRole::Admin;
        let user =
            services::accounts::create_staff(svc, None, "Sam Ek", "sam@op.example", role, password).await.unwrap();
        services::accounts::create_staff(svc, None, "Lee Oh", "lee@op.example", role, Some(PASSWORD.to_owned()))
            .await
            .unwrap();
        let staff: StaffActor = services::access::enter_staff(svc, &user, Origin::default()).await.unwrap();
        let version = services::admin::review(svc, &staff, &self.asked).await.unwrap().application.version;
        services::admin::ask(svc, &staff, &self.asked, version, "Which shop is yours?").await.unwrap();
        let form = [("email", "sam@op.example"), ("password", PASSWORD)];
        self.admin.post("/login", &form).await.expect(303);
        self.admin.get("/admin").await.expect(200);
    }

    /// The operator suspends a merchant.
    pub async fn suspend(&self, merchant: &MerchantId) {
        let t = &self.app.t;
        let user = t.texts("select id from users where email = 'sam@op.example'").await.pop().unwrap().parse().unwrap();
        let staff = services::access::enter_staff(&t.svc, &user, Origin::default()).await.unwrap();
        services::admin::suspend(&t.svc, &staff, merchant, "Too many complaints.").await.unwrap();
    }

    /// Another number each time.
    pub fn number(&mut self) -> String {
        self.number += 1;
        self.number.to_string()
    }

    /// Another address each time: nobody is slowed down.
    pub fn address(&mut self) -> String {
        self.number += 1;
        let [_, a, b, c] = self.number.to_be_bytes();
        format!("10.{a}.{b}.{c}")
    }

    /// A browser of somebody who sees the form.
    pub fn browser_for(&self, case: &Case) -> Browser {
        self.browser_at(&case.page)
    }

    /// A browser of somebody who sees a page.
    pub fn browser_at(&self, page: &str) -> Browser {
        let of = |browser: &Browser| {
            let mut copy = self.app.browser();
            copy.cookies.clone_from(&browser.cookies);
            copy
        };
        if page.starts_with("/admin") {
            of(&self.admin)
        } else if page.starts_with("/m/") || page.starts_with("/onboarding") && !page.contains(self.asked.as_str()) {
            of(&self.owner)
        } else if page.starts_with("/onboarding") {
            of(&self.other_owner)
        } else {
            self.app.browser()
        }
    }

    /// Fails when a row has changed since.
    pub async fn assert_untouched(&self, before: &[String], draft: bool, told: &str) {
        let after = self.rows(draft).await;
        let changed: Vec<String> = after
            .iter()
            .filter(|row| !before.contains(row))
            .map(|row| format!("+ {}", row.chars().take(300).collect::<String>()))
            .chain(
                before
                    .iter()
                    .filter(|row| !after.contains(row))
                    .map(|row| format!("- {}", row.chars().take(300).collect::<String>())),
            )
            .collect();
        assert!(changed.is_empty(), "{told}: something was stored: {changed:#?}");
    }

    /// Every row of the database but those that a look at a page writes; with `draft`, without the application's draft.
    pub async fn rows(&self, draft: bool) -> Vec<String> {
        let t = &self.app.t;
        let seen = ["login_sessions", "_sqlx_migrations"];
        let drafts = ["applications", "audit_entries", "audit_details", "audit_heads", "audit_chains"];
        let wanted = |table: &String| {
            let left_out = seen.contains(&table.as_str()) || draft && drafts.contains(&table.as_str());
            !left_out && !table.starts_with("sqlite_")
        };
        if t.url.starts_with("sqlite:") {
            let tables = t.texts("select name from sqlite_master where type = 'table' order by name").await;
            let mut parts = Vec::new();
            for table in tables.iter().filter(|table| wanted(table)) {
                let columns =
                    t.texts(&format!("select 'quote(\"' || name || '\")' from pragma_table_info('{table}')")).await;
                let row = columns.join(" || ',' || ");
                parts.push(format!("select '{table} ' || {row} as line from \"{table}\""));
            }
            t.texts(&format!("{} order by 1", parts.join(" union all "))).await
        } else {
            let of = "select table_name::text from information_schema.tables where table_schema = 'public' order by 1";
            let tables = t.texts(of).await;
            let parts: Vec<String> = tables
                .iter()
                .filter(|table| wanted(table))
                .map(|table| format!("select '{table} ' || x::text as line from \"{table}\" x"))
                .collect();
            t.texts(&format!("{} order by 1", parts.join(" union all "))).await
        }
    }
}
