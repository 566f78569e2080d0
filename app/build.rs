//! Merges the catalogue (`locales/<language>/*.json`) and fails the build on what a reader would stumble over: a key that a
//! language lacks or has twice, placeholders that differ, a text that nobody translated.

use serde::de::{Deserializer, MapAccess, Visitor};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs};

/// In the order of `domain::Locale`; the first is what the others are compared with.
const LANGUAGES: [&str; 2] = ["en", "fa"];
/// Plural categories of both languages (CLDR), in the order in which they are stored.
const CATEGORIES: [&str; 2] = ["one", "other"];
/// Separates plural forms in a stored text.
const FORM: char = '\u{1f}';

/// A text, or its plural forms in the order of [`CATEGORIES`].
#[derive(Clone, PartialEq)]
enum Text {
    Plain(String),
    Plural(Vec<String>),
}

impl Text {
    fn forms(&self) -> Vec<&str> {
        match self {
            Self::Plain(text) => vec![text],
            Self::Plural(forms) => forms.iter().map(String::as_str).collect(),
        }
    }

    fn placeholders(&self) -> BTreeSet<&str> {
        self.forms().into_iter().flat_map(placeholders).collect()
    }

    /// Whether there is anything to translate beside placeholders, digits and signs.
    fn has_words(&self) -> bool {
        self.forms().into_iter().any(|text| {
            let mut rest = text.to_owned();
            for name in placeholders(text) {
                rest = rest.replace(&format!("{{{name}}}"), "");
            }
            rest.chars().any(char::is_alphabetic)
        })
    }

    fn stored(&self) -> String {
        self.forms().join(&FORM.to_string())
    }
}

struct Entry {
    text: Text,
    file: PathBuf,
}

fn main() {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("locales");
    println!("cargo:rerun-if-changed=locales");
    println!("cargo:rerun-if-changed=build.rs");
    let mut wrong = Vec::new();
    let tables: Vec<_> = LANGUAGES.iter().map(|language| load(&folder.join(language), &mut wrong)).collect();
    let same = list(&folder.join("same.json"), &mut wrong);
    let dynamic = list(&folder.join("dynamic.json"), &mut wrong);
    compare(&tables, &same, &mut wrong);
    if !wrong.is_empty() {
        for line in &wrong {
            println!("cargo::error=catalogue: {line}");
        }
        std::process::exit(1);
    }
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default()).join("catalogue.rs");
    if let Err(error) = fs::write(&out, generate(&tables, &dynamic)) {
        println!("cargo::error=catalogue: {}: {error}", out.display());
        std::process::exit(1);
    }
}

/// All files of a language, merged.
fn load(folder: &Path, wrong: &mut Vec<String>) -> BTreeMap<String, Entry> {
    let mut table: BTreeMap<String, Entry> = BTreeMap::new();
    let mut files: Vec<_> =
        fs::read_dir(folder).map(|dir| dir.flatten().map(|f| f.path()).collect()).unwrap_or_default();
    files.sort();
    for file in files.into_iter().filter(|f: &PathBuf| f.extension().is_some_and(|e| e == "json")) {
        let shown = short(&file);
        let pairs = match fs::read_to_string(&file) {
            Ok(text) => match serde_json::from_str::<Pairs>(&text) {
                Ok(pairs) => pairs.0,
                Err(error) => {
                    wrong.push(format!("{shown}: {error}"));
                    continue;
                }
            },
            Err(error) => {
                wrong.push(format!("{shown}: {error}"));
                continue;
            }
        };
        for (key, value) in pairs {
            match text(&value) {
                Err(reason) => wrong.push(format!("{shown}: \"{key}\" {reason}")),
                Ok(text) => {
                    if let Some(before) = table.insert(key.clone(), Entry { text, file: file.clone() }) {
                        wrong.push(format!("{shown}: \"{key}\" stands in {} already", short(&before.file)));
                    }
                }
            }
        }
    }
    table
}

fn text(value: &serde_json::Value) -> Result<Text, String> {
    let checked = |value: &serde_json::Value| match value.as_str() {
        None => Err("is neither a text nor an object of plural forms".to_owned()),
        Some(text) if text.trim().is_empty() => Err("is empty".to_owned()),
        Some(text) if text.matches('{').count() != placeholders(text).len() => {
            Err("has a brace that is not part of a {placeholder}".to_owned())
        }
        Some(text) => Ok(text.to_owned()),
    };
    let Some(forms) = value.as_object() else { return checked(value).map(Text::Plain) };
    if forms.len() != CATEGORIES.len() || !CATEGORIES.iter().all(|c| forms.contains_key(*c)) {
        return Err(format!("needs exactly the plural forms {}", CATEGORIES.join(", ")));
    }
    CATEGORIES.iter().map(|category| checked(&forms[*category])).collect::<Result<_, _>>().map(Text::Plural)
}

/// The names between braces, each time one occurs.
fn placeholders(text: &str) -> Vec<&str> {
    let name = |part: &'_ str| part.split_once('}').map(|(name, _)| name.len());
    text.split('{')
        .skip(1)
        .filter_map(|part| name(part).map(|end| &part[..end]))
        .filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        .collect()
}

fn compare(tables: &[BTreeMap<String, Entry>], same: &BTreeSet<String>, wrong: &mut Vec<String>) {
    let english = &tables[0];
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for (key, entry) in english {
        if let Some(other) = names.insert(constant(key), key) {
            wrong.push(format!("{}: \"{key}\" and \"{other}\" make the same constant", short(&entry.file)));
        }
        if !key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')) {
            wrong.push(format!("{}: \"{key}\" has characters that a key can't have", short(&entry.file)));
        }
    }
    for (table, language) in tables.iter().zip(LANGUAGES).skip(1) {
        for (key, entry) in english {
            let Some(other) = table.get(key) else {
                let file = entry.file.file_name().unwrap_or_default().to_string_lossy();
                wrong.push(format!("{language}/{file}: \"{key}\" is missing ({} has it)", short(&entry.file)));
                continue;
            };
            let shown = short(&other.file);
            if std::mem::discriminant(&entry.text) != std::mem::discriminant(&other.text) {
                wrong.push(format!("{shown}: \"{key}\" has plural forms in one language only"));
            }
            let (here, there) = (other.text.placeholders(), entry.text.placeholders());
            if here != there {
                wrong.push(format!("{shown}: \"{key}\" has the placeholders {here:?}, English has {there:?}"));
            }
            if other.text == entry.text && entry.text.has_words() && !same.contains(key) {
                wrong.push(format!(
                    "{shown}: \"{key}\" equals the English text; translate it, or list it in locales/same.json"
                ));
            }
        }
        for (key, entry) in table.iter().filter(|(key, _)| !english.contains_key(*key)) {
            wrong.push(format!("{}: \"{key}\" is missing in English", short(&entry.file)));
        }
    }
    for key in same.iter().filter(|key| !english.contains_key(*key)) {
        wrong.push(format!("same.json: \"{key}\" is no key of the catalogue"));
    }
}

fn constant(key: &str) -> String {
    key.to_ascii_uppercase().replace(['.', '-'], "_")
}

fn generate(tables: &[BTreeMap<String, Entry>], dynamic: &BTreeSet<String>) -> String {
    let mut out = String::from("// Made by app/build.rs from app/locales.\n");
    let mut constants = String::new();
    let mut names = String::new();
    for (index, key) in tables[0].keys().enumerate() {
        let texts: Vec<_> =
            tables.iter().filter_map(|table| table.get(key)).map(|e| format!("{:?}", e.text.stored())).collect();
        let name = constant(key);
        let _ = writeln!(out, "static T{index}: Texts = Texts([{}]);", texts.join(", "));
        let _ =
            writeln!(constants, "    /// `{key}`\n    pub const {name}: super::Key = super::Key(&super::T{index});");
        if dynamic.iter().any(|prefix| key.starts_with(prefix.as_str())) {
            let _ = writeln!(names, "    ({key:?}, Key(&T{index})),");
        }
    }
    let _ = writeln!(out, "/// A constant for each text of the catalogue.\npub mod k {{\n{constants}}}");
    let _ = writeln!(out, "/// Keys that are made of codes, sorted.\nstatic NAMES: &[(&str, Key)] = &[\n{names}];");
    out
}

fn list(file: &Path, wrong: &mut Vec<String>) -> BTreeSet<String> {
    let read = fs::read_to_string(file).map_err(|e| e.to_string());
    match read.and_then(|text| serde_json::from_str::<Vec<String>>(&text).map_err(|e| e.to_string())) {
        Ok(list) => list.into_iter().collect(),
        Err(error) => {
            wrong.push(format!("{}: {error}", short(file)));
            BTreeSet::new()
        }
    }
}

/// `en/payments.json`.
fn short(file: &Path) -> String {
    let parts: Vec<_> = file.components().rev().take(2).map(|c| c.as_os_str().to_string_lossy()).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

/// The pairs of an object, with those that stand twice.
struct Pairs(Vec<(String, serde_json::Value)>);

impl<'de> serde::Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Pairs;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of keys and texts")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}
