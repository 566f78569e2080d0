//! As much of HTML as forms need: what a browser would send, and what it would say beside each field.

/// A form of a page.
#[derive(Debug, Clone)]
pub struct Form {
    pub method: String,
    pub action: String,
    pub controls: Vec<Control>,
}

/// Something in a form that has a name.
#[derive(Debug, Clone, Default)]
pub struct Control {
    pub name: String,
    pub id: String,
    /// The input's type, or the element's name.
    pub kind: String,
    pub value: String,
    /// Of a radio button or a check box.
    pub checked: bool,
    /// Values of a chooser's options.
    pub options: Vec<String>,
    pub described_by: String,
    pub invalid: bool,
}

/// An element's start.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(String, String)>,
    /// Where its content begins.
    end: usize,
}

impl Tag<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }
}

/// A document that was taken apart.
pub struct Document<'a> {
    html: &'a str,
}

impl<'a> Document<'a> {
    pub const fn of(html: &'a str) -> Self {
        Self { html }
    }

    /// The forms, in order.
    pub fn forms(&self) -> Vec<Form> {
        let mut forms: Vec<Form> = Vec::new();
        let mut inside = false;
        // Groups around radio buttons say for them what is wrong.
        let mut groups: Vec<(bool, String)> = Vec::new();
        let mut at = 0;
        while let Some(tag) = self.next_tag(&mut at) {
            match tag.name {
                "form" => {
                    inside = true;
                    let method = tag.get("method").unwrap_or("get").to_owned();
                    forms.push(Form { method, action: tag.text("action"), controls: Vec::new() });
                }
                "/form" => inside = false,
                "fieldset" => groups.push((tag.get("aria-invalid") == Some("true"), tag.text("aria-describedby"))),
                "/fieldset" => drop(groups.pop()),
                "input" | "select" | "textarea" | "button" if inside => {
                    let mut control = self.control(&tag, &mut at);
                    if let Some((invalid, described_by)) = groups.last() {
                        control.invalid |= *invalid;
                        if control.described_by.is_empty() {
                            control.described_by.clone_from(described_by);
                        }
                    }
                    if let Some(form) = forms.last_mut().filter(|_| !control.name.is_empty()) {
                        form.controls.push(control);
                    }
                }
                _ => {}
            }
        }
        forms
    }

    fn control(&self, tag: &Tag<'_>, at: &mut usize) -> Control {
        let mut control = Control {
            name: tag.text("name"),
            id: tag.text("id"),
            kind: if tag.name == "input" { tag.get("type").unwrap_or("text").to_owned() } else { tag.name.to_owned() },
            value: tag.text("value"),
            checked: tag.get("checked").is_some(),
            described_by: tag.text("aria-describedby"),
            invalid: tag.get("aria-invalid") == Some("true"),
            ..Control::default()
        };
        if tag.name == "textarea" {
            let rest = &self.html[tag.end..];
            let end = rest.find("</textarea>").expect("a textarea ends");
            control.value = unescaped(&rest[..end]);
            *at = tag.end + end;
        }
        if tag.name == "select" {
            let rest = &self.html[tag.end..];
            let end = tag.end + rest.find("</select>").expect("a select ends");
            while let Some(option) = self.next_tag(at).filter(|option| option.end <= end) {
                if option.name != "option" {
                    continue;
                }
                let value = option.text("value");
                if option.get("selected").is_some() || control.options.is_empty() {
                    control.value.clone_from(&value);
                }
                control.options.push(value);
            }
            *at = end;
        }
        control
    }

    /// The text of the element with an id, without marks.
    pub fn text_of(&self, id: &str) -> Option<String> {
        let mut at = 0;
        while let Some(tag) = self.next_tag(&mut at) {
            if tag.get("id") == Some(id) {
                let end = self.html[tag.end..].find(&format!("</{}>", tag.name))?;
                let mut text = String::new();
                let mut marks = 0;
                for c in self.html[tag.end..tag.end + end].chars() {
                    match c {
                        '<' => marks += 1,
                        '>' => marks -= 1,
                        c if marks == 0 => text.push(c),
                        _ => {}
                    }
                }
                return Some(unescaped(text.trim()));
            }
        }
        None
    }

    /// The next start or end of an element; comments and scripts are skipped.
    fn next_tag(&self, at: &mut usize) -> Option<Tag<'a>> {
        loop {
            let start = *at + self.html[*at..].find('<')?;
            let rest = &self.html[start..];
            if let Some(comment) = rest.strip_prefix("<!--") {
                *at = start + 4 + comment.find("-->")? + 3;
                continue;
            }
            let after = &rest[1..];
            let name_end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '/' || c == '-'))?;
            let name = &after[..name_end];
            if name.is_empty() {
                *at = start + 1;
                continue;
            }
            let (attributes, length) = attributes(&after[name_end..])?;
            *at = start + 1 + name_end + length;
            if name == "script" || name == "style" {
                *at += self.html[*at..].find(if name == "script" { "</script>" } else { "</style>" })?;
            }
            return Some(Tag { name, attributes, end: *at });
        }
    }
}

/// The attributes up to `>`, and how long all that is.
fn attributes(text: &str) -> Option<(Vec<(String, String)>, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let skip = rest.find(|c: char| !c.is_whitespace() && c != '/')?;
        at += skip;
        let rest = &text[at..];
        if rest.starts_with('>') {
            return Some((out, at + 1));
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>'))?;
        let name = rest[..end].to_owned();
        at += end;
        let Some(quoted) = text[at..].strip_prefix("=\"") else {
            out.push((name, String::new()));
            continue;
        };
        let length = quoted.find('"')?;
        out.push((name, unescaped(&quoted[..length])));
        at += 2 + length + 1;
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#x27;", "'").replace("&amp;", "&")
}

impl Form {
    /// What a browser sends when nothing is touched: names and values, without buttons and files.
    pub fn untouched(&self) -> Vec<(String, String)> {
        let sends = |c: &&Control| match c.kind.as_str() {
            "radio" | "checkbox" => c.checked,
            "submit" | "button" | "file" => false,
            _ => true,
        };
        self.controls.iter().filter(sends).map(|c| (c.name.clone(), sent(c))).collect()
    }

    /// The controls of a name.
    pub fn named(&self, name: &str) -> Vec<&Control> {
        self.controls.iter().filter(|c| c.name == name).collect()
    }
}

/// A box that is ticked and has no value sends "on".
fn sent(control: &Control) -> String {
    if control.kind == "checkbox" && control.value.is_empty() { "on".to_owned() } else { control.value.clone() }
}

#[test]
fn forms_are_taken_apart() {
    let html = "<!-- <form> --><script>\"<form>\"</script><form method=\"post\" action=\"/x?a=1&amp;b=2\">\
        <input type=\"hidden\" name=\"m\" value=\"a &lt;b&gt; &quot;c&quot;\"/>\
        <textarea id=\"t\" name=\"t\" aria-invalid=\"true\" aria-describedby=\"t-error\">x &lt;b></textarea>\
        <p id=\"t-error\"><svg><path d=\"M1\"/></svg> Too <b>long</b></p>\
        <select name=\"s\"><option value=\"\">-</option><option value=\"b\" selected>B</option></select>\
        <fieldset aria-invalid=\"true\" aria-describedby=\"r-error\"><input type=\"radio\" name=\"r\" value=\"1\">\
        <input type=\"radio\" name=\"r\" value=\"2\" checked></fieldset><button name=\"do\">go</button></form>";
    let document = Document::of(html);
    let forms = document.forms();
    let [form] = forms.as_slice() else { panic!("{forms:?}") };
    assert_eq!((form.method.as_str(), form.action.as_str()), ("post", "/x?a=1&b=2"));
    let pairs = [("m", "a <b> \"c\""), ("t", "x <b>"), ("s", "b"), ("r", "2")];
    assert_eq!(form.untouched(), pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let [area] = form.named("t")[..] else { panic!("one") };
    assert!(area.invalid && area.described_by == "t-error");
    assert!(form.named("r").iter().all(|c| c.invalid && c.described_by == "r-error"));
    assert_eq!(document.text_of("t-error").as_deref(), Some("Too long"));
}
