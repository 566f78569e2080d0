//! Settings: read once from the environment or the command line, checked, and passed in.

pub mod master_key;
pub mod secret;

pub use master_key::MasterKey;
pub use secret::Secret;

use std::io::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Settings of every command, as given. Each can be set by its environment variable.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The database: sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME
    #[arg(long, env = "PAYDECK_DATABASE_URL", value_name = "URL", hide_env_values = true, global = true)]
    pub database_url: Option<Secret>,
    /// A file that holds the database's address
    #[arg(long, env = "PAYDECK_DATABASE_URL_FILE", value_name = "FILE", global = true)]
    pub database_url_file: Option<PathBuf>,
    /// Where to listen
    #[arg(long, env = "PAYDECK_LISTEN", value_name = "HOST:PORT", default_value = "127.0.0.1:3000", global = true)]
    pub listen: String,
    /// The address under which people reach this server [default: http://localhost:PORT]
    #[arg(long, env = "PAYDECK_PUBLIC_URL", value_name = "URL", global = true)]
    pub public_url: Option<String>,
    /// The key that seals secrets: 64 hexadecimal digits or base64 of 32 bytes (better given by environment or file)
    #[arg(long, env = "PAYDECK_MASTER_KEY", value_name = "KEY", hide_env_values = true, hide = true, global = true)]
    pub master_key: Option<Secret>,
    /// A file that holds the key
    #[arg(long, env = "PAYDECK_MASTER_KEY_FILE", value_name = "FILE", global = true)]
    pub master_key_file: Option<PathBuf>,
    /// The mail server: smtps://USER:PASSWORD@HOST:465 or smtp://HOST:587?tls=required; without it mails stay readable
    /// under /admin/mail
    #[arg(long, env = "PAYDECK_SMTP_URL", value_name = "URL", hide_env_values = true, global = true)]
    pub smtp_url: Option<Secret>,
    /// A file that holds the mail server's address
    #[arg(long, env = "PAYDECK_SMTP_URL_FILE", value_name = "FILE", global = true)]
    pub smtp_url_file: Option<PathBuf>,
    /// The sender of mails [default: Paydeck <no-reply@HOST OF THE PUBLIC URL>]
    #[arg(long, env = "PAYDECK_MAIL_FROM", value_name = "ADDRESS", global = true)]
    pub mail_from: Option<String>,
    /// The folder of built style sheets, scripts and WebAssembly
    #[arg(long, env = "PAYDECK_SITE_DIR", value_name = "FOLDER", default_value = "site", global = true)]
    pub site_dir: PathBuf,
    /// Let the sandbox be connected in live mode, loudly marked
    #[arg(long, env = "PAYDECK_SANDBOX_LIVE", value_parser = switch(), default_value = "0", default_missing_value = "1", num_args = 0..=1, require_equals = true, global = true)]
    pub sandbox_live: bool,
    /// Where to show measurements for Prometheus, at /metrics; an address that only your own network reaches
    #[arg(long, env = "PAYDECK_METRICS_LISTEN", value_name = "HOST:PORT", global = true)]
    pub metrics_listen: Option<String>,
    /// Where Stripe's API is, when not at Stripe: a simulator
    #[arg(long, env = "PAYDECK_STRIPE_API_BASE", value_name = "URL", global = true)]
    pub stripe_api_base: Option<String>,
    /// Where PayPal's API is, when not at PayPal
    #[arg(long, env = "PAYDECK_PAYPAL_API_BASE", value_name = "URL", global = true)]
    pub paypal_api_base: Option<String>,
    /// Where Square's API is, when not at Square
    #[arg(long, env = "PAYDECK_SQUARE_API_BASE", value_name = "URL", global = true)]
    pub square_api_base: Option<String>,
    /// Addresses of reverse proxies whose X-Forwarded-For is believed
    #[arg(long, env = "PAYDECK_TRUSTED_PROXIES", value_name = "IP,IP", value_delimiter = ',', global = true)]
    pub trusted_proxies: Vec<IpAddr>,
}

/// `1`, `true`, `yes`, `on` and their opposites; an empty variable is off.
fn switch() -> impl clap::builder::TypedValueParser<Value = bool> {
    use clap::builder::TypedValueParser;
    clap::builder::StringValueParser::new().try_map(|text| match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "" | "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("write 1 or 0"),
    })
}

/// Settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address of the database.
    pub database_url: Secret,
    /// Where to listen.
    pub listen: String,
    /// Our own address without a trailing slash.
    pub public_url: String,
    /// Where the key is to come from.
    pub master_key: Option<Secret>,
    /// The mail server.
    pub smtp_url: Option<Secret>,
    /// The sender of mails.
    pub mail_from: String,
    /// The folder of built files.
    pub site_dir: PathBuf,
    /// Whether the sandbox may be connected in live mode.
    pub sandbox_live: bool,
    /// Where measurements are shown, if they are.
    pub metrics_listen: Option<String>,
    /// Where the gateways' APIs are.
    pub api_bases: ApiBases,
    /// Reverse proxies that are believed.
    pub trusted_proxies: Vec<IpAddr>,
}

/// Where the gateways' APIs are; none: at the gateway itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiBases {
    /// Stripe's.
    pub stripe: Option<String>,
    /// PayPal's.
    pub paypal: Option<String>,
    /// Square's.
    pub square: Option<String>,
}

/// A setting that can't be used. The texts are for the operator on the command line.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that can't be read or written.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        why: String,
    },
    /// Given twice.
    #[error("{0} and {0}_FILE are both set; keep one of them")]
    Twice(&'static str),
    /// No key.
    #[error(
        "PAYDECK_MASTER_KEY is not set. It seals gateway credentials and documents, and lives outside the database.\n\
         Make one and keep a copy of it in a safe place:\n\n    \
         (umask 077; openssl rand -hex 32 > /etc/paydeck/master.key)\n    \
         export PAYDECK_MASTER_KEY_FILE=/etc/paydeck/master.key\n\n\
         To look around first, `paydeck serve --demo` makes one for you."
    )]
    NoMasterKey,
    /// Not a key.
    #[error(
        "PAYDECK_MASTER_KEY is not a key: write 64 hexadecimal digits or base64 of 32 random bytes (openssl rand -hex 32)"
    )]
    BadMasterKey,
    /// Not an address of a gateway.
    #[error("{0} must look like https://api.example.com (no path, no query): {1}")]
    BadApiBase(&'static str, String),
    /// Not an address of ours.
    #[error("PAYDECK_PUBLIC_URL must look like https://pay.example.com (no path, no query): {0}")]
    BadPublicUrl(String),
}

impl ConfigError {
    fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), why: error.to_string() }
    }
}

/// A secret from its variable or its file.
fn secret(name: &'static str, value: Option<Secret>, file: Option<PathBuf>) -> Result<Option<Secret>, ConfigError> {
    let value = value.filter(|v| !v.expose().is_empty());
    match (value, file.filter(|f| !f.as_os_str().is_empty())) {
        (Some(_), Some(_)) => Err(ConfigError::Twice(name)),
        (None, Some(path)) => secret::from_file(&path).map(Some).map_err(|e| ConfigError::file(&path, &e)),
        (value, None) => Ok(value),
    }
}

impl Options {
    /// Reads the files and checks the values.
    ///
    /// # Errors
    /// The first setting that can't be used.
    pub fn resolve(self) -> Result<Config, ConfigError> {
        let database_url = secret("PAYDECK_DATABASE_URL", self.database_url, self.database_url_file)?
            .unwrap_or_else(|| Secret::new("sqlite://./data/paydeck.db"));
        let public_url = match self.public_url.filter(|u| !u.is_empty()) {
            Some(url) => origin(&url)?,
            None => {
                let port = self.listen.rsplit_once(':').map_or("3000", |(_, port)| port);
                format!("http://localhost:{port}")
            }
        };
        let host = public_url.split_once("://").map_or("localhost", |(_, rest)| rest);
        let host =
            host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(h, _)| h);
        let mail_from =
            self.mail_from.filter(|f| !f.is_empty()).unwrap_or_else(|| format!("Paydeck <no-reply@{host}>"));
        Ok(Config {
            database_url,
            listen: self.listen,
            master_key: secret("PAYDECK_MASTER_KEY", self.master_key, self.master_key_file)?,
            smtp_url: secret("PAYDECK_SMTP_URL", self.smtp_url, self.smtp_url_file)?,
            mail_from,
            public_url,
            site_dir: self.site_dir,
            sandbox_live: self.sandbox_live,
            api_bases: ApiBases {
                stripe: api_base("PAYDECK_STRIPE_API_BASE", self.stripe_api_base)?,
                paypal: api_base("PAYDECK_PAYPAL_API_BASE", self.paypal_api_base)?,
                square: api_base("PAYDECK_SQUARE_API_BASE", self.square_api_base)?,
            },
            metrics_listen: self.metrics_listen.filter(|listen| !listen.is_empty()),
            trusted_proxies: self.trusted_proxies,
        })
    }
}

/// A gateway's address, when one is given.
fn api_base(name: &'static str, given: Option<String>) -> Result<Option<String>, ConfigError> {
    let given = given.filter(|text| !text.trim().is_empty());
    given.map(|text| origin(&text).map_err(|_| ConfigError::BadApiBase(name, text))).transpose()
}

/// Checks that a text is `http(s)://host[:port]`, and takes a trailing slash off.
fn origin(text: &str) -> Result<String, ConfigError> {
    let bad = || ConfigError::BadPublicUrl(text.to_owned());
    let text = text.trim().trim_end_matches('/');
    let uri: http::Uri = text.parse().map_err(|_| bad())?;
    let scheme = uri.scheme_str().filter(|s| ["http", "https"].contains(s)).ok_or_else(bad)?;
    let authority = uri.authority().filter(|a| !a.as_str().contains('@')).ok_or_else(bad)?;
    if uri.path() != "/" || uri.query().is_some() || text.contains('#') {
        return Err(bad());
    }
    Ok(format!("{scheme}://{}", authority.as_str().to_ascii_lowercase()))
}

impl Config {
    /// The key, when one is given.
    ///
    /// # Errors
    /// [`ConfigError::NoMasterKey`] with what to do, [`ConfigError::BadMasterKey`].
    pub fn master_key(&self) -> Result<MasterKey, ConfigError> {
        self.master_key.as_ref().ok_or(ConfigError::NoMasterKey).and_then(master_key::parse)
    }

    /// The folder for what a demo keeps: beside the SQLite file, else `./data`.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.sqlite_file()
            .and_then(|file| file.parent().map(Path::to_path_buf))
            .unwrap_or_else(|| PathBuf::from("data"))
    }

    /// The SQLite file, when the database is one.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let rest = self.database_url.expose().strip_prefix("sqlite:")?;
        let path = rest.strip_prefix("//").unwrap_or(rest);
        Some(PathBuf::from(path.split_once('?').map_or(path, |(path, _)| path)))
    }

    /// Whether people reach us by HTTPS: cookies are `Secure` and have the `__Host-` prefix then.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// Writes a file that only its owner can read; fails when it exists.
///
/// # Errors
/// What the system says.
pub fn write_private(path: &Path, content: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
