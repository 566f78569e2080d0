//! What the server makes of names at run time has a text.

use app::i18n::lookup;
use paydeck::config::ApiBases;
use test_support::TestDb;

#[tokio::test]
async fn everything_that_a_gateway_says_of_itself_has_a_text() {
    let db = TestDb::sqlite().await;
    let registry = paydeck::registry(&db, &ApiBases::default()).unwrap();
    let mut names = Vec::new();
    for provider in registry.all().map(|gateway| gateway.describe()) {
        let key = &provider.key;
        names.extend([format!("gateway.provider.{key}"), format!("gateway.about.{key}")]);
        names.extend(provider.methods.iter().map(|method| format!("gateway.method.{method}")));
        names.extend(provider.capabilities.iter().map(|can| format!("gateway.capability.{can}")));
        names.extend(provider.fields.iter().map(|field| format!("gateway.field.{key}.{}", field.name)));
    }
    assert!(names.len() > 50, "{names:?}");
    let missing: Vec<_> = names.iter().filter(|name| lookup(name).is_none()).collect();
    assert!(missing.is_empty(), "no text in app/locales for {missing:?}");
}
