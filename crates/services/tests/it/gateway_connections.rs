//! Gateway connections: who may, what is kept, what is said.

use domain::{
    MerchantRole, Mode, ProblemKind,
    problem::{codes, money},
    states::ConnectionStatus,
    views::gateway::ConnectionForm,
};
use services::{ServiceError, Settings, connections};
use test_support::{TestDb, TestServices, for_each_engine};

pub fn form() -> ConnectionForm {
    ConnectionForm {
        provider: "sandbox".into(),
        name: "Test cards".into(),
        methods: vec!["card".into()],
        ..ConnectionForm::default()
    }
}

/// `field=code` of each field, or the problem's own code.
pub fn told(error: ServiceError) -> Vec<String> {
    let problem = error.into_problem();
    if problem.fields.is_empty() {
        return vec![problem.code];
    }
    problem.fields.into_iter().map(|f| format!("{}={}", f.field, f.code)).collect()
}

fn live(db: &TestDb, sandbox_live: bool) -> TestServices {
    let settings = TestServices::new(db).settings().clone();
    TestServices::with(db, Settings { sandbox_live, ..settings })
}

for_each_engine!(a_connection_is_added_edited_and_put_away, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let secret = vec![("label".to_owned(), "ok".to_owned())];
    let id = connections::add(&t, &m.actor, &ConnectionForm { credentials: secret, ..form() }).await.unwrap();
    let view = async || connections::view(&t, &m.actor).await.unwrap();
    let seen = view().await;
    assert!(seen.may_manage && seen.providers.iter().any(|p| p.key == "sandbox"));
    let made = &seen.connections[0];
    assert_eq!((made.status, made.priority, made.has_credentials), (ConnectionStatus::Active, 10, true));
    assert!(made.currencies.is_empty() && made.methods == ["card"]);
    // Sealed: the text is nowhere to be read.
    assert!(!serde_json::to_string(&seen).unwrap().contains("\"ok\""));
    let edit = ConnectionForm {
        name: "<b>Other</b>".into(),
        currencies: "eur, SEK،usd eur".into(),
        version: made.version,
        ..form()
    };
    connections::edit(&t, &m.actor, &id, &edit).await.unwrap();
    assert_eq!(told(connections::edit(&t, &m.actor, &id, &edit).await.unwrap_err()), [codes::STALE]);
    let changed = view().await.connections.remove(0);
    assert_eq!((changed.name.as_str(), changed.has_credentials, changed.priority), ("<b>Other</b>", true, 10));
    assert_eq!(changed.currencies, ["EUR", "SEK", "USD"]);
    assert_eq!(connections::test(&t, &m.actor, &id).await.unwrap(), "ok");
    let other = vec![("label".to_owned(), "wrong_credentials".to_owned())];
    let edit = ConnectionForm { credentials: other, version: changed.version, ..form() };
    connections::edit(&t, &m.actor, &id, &edit).await.unwrap();
    assert_eq!(connections::test(&t, &m.actor, &id).await.unwrap(), "wrong_credentials");
    assert_eq!(view().await.connections[0].last_test_code.as_deref(), Some("wrong_credentials"));
    connections::pause(&t, &m.actor, &id).await.unwrap();
    assert_eq!(told(connections::pause(&t, &m.actor, &id).await.unwrap_err()), [money::CONNECTION_STATE]);
    connections::resume(&t, &m.actor, &id).await.unwrap();
    connections::archive(&t, &m.actor, &id).await.unwrap();
    assert_eq!(told(connections::resume(&t, &m.actor, &id).await.unwrap_err()), [money::CONNECTION_STATE]);
    let version = view().await.connections[0].version;
    let edit = ConnectionForm { version, ..form() };
    assert_eq!(told(connections::edit(&t, &m.actor, &id, &edit).await.unwrap_err()), [money::CONNECTION_STATE]);
    let actions = t.texts("select action from audit_entries order by seq").await;
    let expected = ["add", "edit", "test", "edit", "test", "pause", "resume", "archive"];
    assert_eq!(actions, expected.map(|action| format!("gateway.{action}")));
    let details = t.texts("select detail from audit_details").await.concat();
    assert!(!details.contains("wrong_credentials\"}]") && !details.contains("label"));
});

for_each_engine!(rights_modes_and_merchants_are_kept_apart, |db| async {
    let t = TestServices::new(&db);
    let (m, other) = (t.merchant().await, t.merchant().await);
    let id = connections::add(&t, &m.actor, &form()).await.unwrap();
    for (role, test, live) in [
        (MerchantRole::Owner, true, true),
        (MerchantRole::Admin, true, true),
        (MerchantRole::Developer, true, false),
        (MerchantRole::Support, false, false),
        (MerchantRole::Viewer, false, false),
    ] {
        for (mode, may) in [(Mode::Test, test), (Mode::Live, live)] {
            let actor = m.as_role(role).in_mode(mode).actor;
            let refused = match connections::add(&t, &actor, &form()).await {
                Ok(_) => false,
                Err(error) => error.into_problem().kind == ProblemKind::Forbidden,
            };
            assert_eq!(refused, !may, "{role:?} {mode:?}");
        }
    }
    assert!(connections::view(&t, &m.as_role(MerchantRole::Support).actor).await.is_err());
    assert!(!connections::view(&t, &m.as_role(MerchantRole::Viewer).actor).await.unwrap().may_manage);
    for stranger in [&other.actor, &m.in_mode(Mode::Live).actor] {
        let edit = ConnectionForm { version: 1, ..form() };
        assert_eq!(told(connections::edit(&t, stranger, &id, &edit).await.unwrap_err()), [codes::NOT_FOUND]);
        assert_eq!(told(connections::archive(&t, stranger, &id).await.unwrap_err()), [codes::NOT_FOUND]);
        assert_eq!(told(connections::test(&t, stranger, &id).await.unwrap_err()), [codes::NOT_FOUND]);
        assert!(connections::view(&t, stranger).await.unwrap().connections.is_empty());
    }
});

for_each_engine!(the_sandbox_is_live_only_when_the_operator_says_so, |db| async {
    let strict = live(&db, false);
    let m = strict.merchant().await.in_mode(Mode::Live);
    let refused = connections::add(&strict, &m.actor, &form()).await.unwrap_err();
    assert_eq!(told(refused), [format!("provider={}", money::PROVIDER_NOT_IN_MODE)]);
    assert!(connections::view(&strict, &m.actor).await.unwrap().providers.iter().all(|p| p.key != "sandbox"));
    let open = live(&db, true);
    let id = connections::add(&open, &m.actor, &form()).await.unwrap();
    connections::pause(&open, &m.actor, &id).await.unwrap();
    // The operator changed their mind.
    let refused = connections::resume(&strict, &m.actor, &id).await.unwrap_err();
    assert_eq!(told(refused), [money::PROVIDER_NOT_IN_MODE]);
});

for_each_engine!(every_field_says_what_is_wrong_and_nothing_is_stored, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let add = async |form: ConnectionForm| told(connections::add(&t, &m.actor, &form).await.unwrap_err());
    assert_eq!(add(ConnectionForm::default()).await, ["provider=required"]);
    assert_eq!(add(ConnectionForm { provider: "nosuch".into(), ..form() }).await, ["provider=bad_choice"]);
    let empty = ConnectionForm { provider: "sandbox".into(), ..ConnectionForm::default() };
    assert_eq!(add(empty).await, ["name=required", "methods=required"]);
    let long = "x".repeat(5_000);
    for text in [long.as_str(), "\u{202e}abc", "a\u{0}b"] {
        let form = ConnectionForm {
            provider: "sandbox".into(),
            name: text.into(),
            methods: vec![text.into()],
            currencies: text.into(),
            priority: text.into(),
            credentials: vec![("label".into(), text.into())],
            version: 0,
        };
        let found = add(form).await;
        let fields: Vec<_> = found.iter().map(|p| p.split('=').next().unwrap()).collect();
        assert_eq!(fields, ["name", "methods", "currencies", "priority", "credentials.label"]);
    }
    for priority in ["-1", "10000", "1.5", "x"] {
        assert_eq!(add(ConnectionForm { priority: priority.into(), ..form() }).await.len(), 1, "{priority}");
    }
    assert_eq!(add(ConnectionForm { currencies: "EUR XXX".into(), ..form() }).await, ["currencies=bad_currency"]);
    let unknown = vec![("secret".to_owned(), "x".to_owned())];
    assert_eq!(add(ConnectionForm { credentials: unknown, ..form() }).await, ["credentials=bad_choice"]);
    let long_label = vec![("label".to_owned(), "x".repeat(81))];
    assert_eq!(add(ConnectionForm { credentials: long_label, ..form() }).await, ["credentials.label=too_long"]);
    assert!(connections::view(&t, &m.actor).await.unwrap().connections.is_empty());
    assert!(t.texts("select action from audit_entries").await.is_empty());
});
