use super::*;
use clap::Parser;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: Options,
}

fn options(args: &[&str]) -> Options {
    Line::try_parse_from(std::iter::once(&"paydeck").chain(args)).unwrap().options
}

#[test]
fn the_public_url_is_an_origin() {
    for (given, expected) in [
        ("http://localhost:3000/", "http://localhost:3000"),
        ("https://Pay.Example.com", "https://pay.example.com"),
        ("https://pay.example.com:8443", "https://pay.example.com:8443"),
    ] {
        assert_eq!(options(&["--public-url", given]).resolve().unwrap().public_url, expected);
    }
    for given in ["localhost:3000", "ftp://x", "https://x/path", "https://x?y", "https://a@b", "https://x/#y"] {
        assert!(options(&["--public-url", given]).resolve().is_err(), "{given}");
    }
}

#[test]
fn defaults_follow_the_port() {
    let config = options(&["--listen", "127.0.0.1:4567"]).resolve().unwrap();
    assert_eq!(config.public_url, "http://localhost:4567");
    assert_eq!(config.mail_from, "Paydeck <no-reply@localhost>");
    assert!(!config.is_https());
    assert!(!config.sandbox_live);
}

#[test]
fn gateways_can_be_elsewhere() {
    let config = options(&["--stripe-api-base", "http://127.0.0.1:8420/", "--square-api-base", ""]).resolve().unwrap();
    assert_eq!(config.api_bases.stripe.as_deref(), Some("http://127.0.0.1:8420"));
    assert_eq!((config.api_bases.square, config.api_bases.paypal), (None, None));
    let refused = options(&["--paypal-api-base", "paypal.test/v2"]).resolve().unwrap_err();
    assert!(refused.to_string().contains("PAYDECK_PAYPAL_API_BASE"), "{refused}");
}

#[test]
fn switches_take_a_value_or_none() {
    assert!(options(&["--sandbox-live"]).sandbox_live);
    assert!(options(&["--sandbox-live=true"]).sandbox_live);
    assert!(!options(&["--sandbox-live=0"]).sandbox_live);
    assert!(Line::try_parse_from(["paydeck", "--sandbox-live=maybe"]).is_err());
}

#[test]
fn secrets_come_from_a_file_or_a_variable_and_never_from_both() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("url");
    std::fs::write(&path, "postgres://u:hunter2@db/paydeck\n").unwrap();
    let file = path.display().to_string();
    let config = options(&["--database-url-file", &file]).resolve().unwrap();
    assert_eq!(config.database_url.expose(), "postgres://u:hunter2@db/paydeck");
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(matches!(
        options(&["--database-url-file", &file, "--database-url", "sqlite:x"]).resolve(),
        Err(ConfigError::Twice("PAYDECK_DATABASE_URL"))
    ));
    assert!(matches!(options(&[]).resolve().unwrap().master_key(), Err(ConfigError::NoMasterKey)));
}

#[test]
fn the_data_folder_lies_beside_the_file() {
    for (url, file, folder) in [
        ("sqlite://./data/paydeck.db", Some("./data/paydeck.db"), "./data"),
        ("sqlite:/var/lib/p.db?mode=rw", Some("/var/lib/p.db"), "/var/lib"),
        ("postgres://db/p", None, "data"),
    ] {
        let config = options(&["--database-url", url]).resolve().unwrap();
        assert_eq!(config.sqlite_file(), file.map(PathBuf::from));
        assert_eq!(config.data_dir(), PathBuf::from(folder));
    }
}
