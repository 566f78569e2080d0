//! The rules while they are edited: typed text goes into them without a redraw, and whatever adds, moves or removes something draws
//! them anew.

use domain::routing::{RoutingForm, RuleForm};
use domain::views::routing::RoutedConnection;
use leptos::prelude::*;

/// The rules while they are edited.
#[derive(Clone, Copy)]
pub struct Draft {
    form: RwSignal<RoutingForm>,
    shape: RwSignal<u32>,
    /// Connections that rules can name, in the merchant's own order.
    pub connections: StoredValue<Vec<RoutedConnection>>,
    /// Whether the viewer may change them.
    pub may_edit: bool,
}

impl Draft {
    /// Starts from what is saved.
    pub fn new(form: RoutingForm, connections: Vec<RoutedConnection>, may_edit: bool) -> Self {
        Self {
            form: RwSignal::new(form),
            shape: RwSignal::new(0),
            connections: StoredValue::new(connections),
            may_edit,
        }
    }

    /// As it would be posted.
    pub fn form(self) -> RoutingForm {
        self.form.get_untracked()
    }

    /// How many rules there are; whoever asks is drawn anew when the rules change shape.
    pub fn rules(self) -> usize {
        self.shape.track();
        self.form.with_untracked(|form| form.rules.len())
    }

    /// A rule as it stands.
    pub fn rule(self, at: usize) -> RuleForm {
        self.form.with_untracked(|form| form.rules.get(at).cloned().unwrap_or_default())
    }

    /// Text was typed: nothing is drawn anew.
    pub fn type_in(self, change: impl FnOnce(&mut RoutingForm)) {
        self.form.update_untracked(change);
    }

    /// The same within a rule.
    pub fn type_in_rule(self, at: usize, change: impl FnOnce(&mut RuleForm)) {
        self.type_in(|form| {
            if let Some(rule) = form.rules.get_mut(at) {
                change(rule);
            }
        });
    }

    /// Something was added, moved or removed.
    pub fn reshape(self, change: impl FnOnce(&mut RoutingForm)) {
        self.form.update_untracked(change);
        self.shape.update(|count| *count += 1);
    }

    /// The same within a rule.
    pub fn reshape_rule(self, at: usize, change: impl FnOnce(&mut RuleForm)) {
        self.reshape(|form| {
            if let Some(rule) = form.rules.get_mut(at) {
                change(rule);
            }
        });
    }
}
