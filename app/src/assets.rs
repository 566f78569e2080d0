//! Addresses of built files: their names carry a hash of their content, so that browsers may keep them for ever.

use std::collections::BTreeMap;
use std::path::Path;

/// The built files by name, read from `manifest.json` of the site folder.
#[derive(Debug, Default)]
pub struct Assets {
    urls: BTreeMap<String, String>,
}

impl Assets {
    /// Reads `manifest.json` in a folder: `{"portal.css": "/assets/portal.<hash>.css", …}`.
    ///
    /// # Errors
    /// The file can't be read or is not such an object.
    pub fn load(folder: &Path) -> std::io::Result<Self> {
        let text = std::fs::read_to_string(folder.join("manifest.json"))?;
        Ok(Self { urls: serde_json::from_str(&text)? })
    }

    /// No files: addresses are made up. For tests.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// The address of a file. What the manifest lacks gets a plain one, which the server answers with 404.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        self.urls.get(name).cloned().unwrap_or_else(|| format!("/assets/{name}"))
    }

    /// The addresses of the WebAssembly that a group of pages needs beside `app.wasm`: the entries `<group>.<number>.wasm`.
    pub fn parts<'a>(&'a self, group: &'a str) -> impl Iterator<Item = String> + 'a {
        let mine =
            move |name: &str| !group.is_empty() && name.strip_prefix(group).is_some_and(|rest| rest.starts_with('.'));
        self.urls.iter().filter(move |(name, _)| mine(name)).map(|(_, url)| url.clone())
    }

    /// Whether the manifest names a file.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.urls.contains_key(name)
    }

    /// The sprite of icons; without a manifest the one that lies at the root.
    #[must_use]
    pub fn icons(&self) -> String {
        self.urls.get("icons.svg").cloned().unwrap_or_else(|| "/icons.svg".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_from_the_manifest() {
        let folder = std::env::temp_dir().join(format!("paydeck-assets-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("manifest.json"), r#"{"portal.css":"/assets/portal.abc.css","load_x.0.wasm":"/assets/1.wasm","load_x.1.wasm":"/assets/2.wasm"}"#).unwrap();
        let assets = Assets::load(&folder).unwrap();
        assert_eq!(assets.url("portal.css"), "/assets/portal.abc.css");
        assert_eq!(assets.parts("load_x").collect::<Vec<_>>(), ["/assets/1.wasm", "/assets/2.wasm"]);
        assert_eq!(assets.parts("").count() + assets.parts("load").count(), 0);
        assert!(!assets.has("app.js"));
        assert_eq!(Assets::empty().url("app.js"), "/assets/app.js");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
