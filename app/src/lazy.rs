//! Pages whose code is loaded when they are first visited. The WebAssembly is cut into the part that every page needs (with
//! the dashboard) and one part for each group below, so that no page pays for all the others.

use crate::pages::{
    admin, bank, customers, dev, gateways, links, payments, refunds, review, routing, sessions, settings,
};
use leptos::lazy;
use leptos::prelude::*;
use leptos_router::ChooseView;

macro_rules! group {
    ($(#[$doc:meta])* $group:ident: $load:ident, $preload:ident { $($name:ident => $page:path),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $group {
            $(#[doc = concat!("The page `", stringify!($page), "`.")] $name),*
        }

        #[lazy]
        fn $load(page: $group) -> AnyView {
            match page {
                $($group::$name => $page().into_any()),*
            }
        }

        impl ChooseView for $group {
            async fn choose(self) -> AnyView {
                $load(self).await
            }

            async fn preload(&self) {
                #[cfg(feature = "hydrate")]
                $preload().await;
            }
        }
    };
}

group! {
    /// Payments, outcomes to decide, refunds, customers.
    Money: load_money, __preload_load_money {
        Payments => payments::Payments,
        Payment => payments::PaymentDetail,
        Review => review::Review,
        Refunds => refunds::Refunds,
        Customers => customers::Customers,
        Customer => customers::CustomerDetail,
    }
}

group! {
    /// What is set up to take payments.
    Selling: load_selling, __preload_load_selling {
        Gateways => gateways::Gateways,
        NewGateway => gateways::NewGateway,
        EditGateway => gateways::EditGateway,
        GatewayHealth => gateways::GatewayHealth,
        GatewayEvents => gateways::GatewayEvents,
        Routing => routing::Routing,
        BankTransfers => bank::BankTransfers,
        BankStatement => bank::Statement,
        Links => links::Links,
        NewLink => links::NewLink,
        EditLink => links::EditLink,
        Sessions => sessions::Sessions,
        NewSession => sessions::NewSession,
        Session => sessions::SessionDetail,
    }
}

group! {
    /// Settings of the business and of the person.
    Settings: load_settings, __preload_load_settings {
        Overview => settings::SettingsPage,
        Business => settings::BusinessPage,
        Branding => settings::BrandingPage,
        Team => settings::TeamPage,
        Activity => settings::ActivityPage,
        Profile => settings::ProfilePage,
        Password => settings::PasswordPage,
        Sessions => settings::SessionsPage,
    }
}

group! {
    /// The operator's pages, and the one for developers.
    Admin: load_admin, __preload_load_admin {
        Home => admin::AdminHomePage,
        Queue => admin::QueuePage,
        Review => admin::ReviewPage,
        Merchants => admin::MerchantsPage,
        Gateways => admin::GatewaysPage,
        Staff => admin::StaffPage,
        Jobs => admin::JobsPage,
        Mails => admin::MailsPage,
        Mail => admin::MailPage,
        Components => dev::ComponentsPage,
    }
}

/// The name of the group that a path's page is in, as the built files are named; none for what every page needs.
#[cfg(feature = "ssr")]
#[must_use]
pub fn group_of(path: &str) -> Option<&'static str> {
    let mut parts = path.trim_matches('/').split('/');
    let first = parts.next();
    let page = if first == Some("m") { parts.nth(2) } else { parts.next() };
    match (first, page) {
        (Some("m"), Some("payments" | "refunds" | "customers")) => Some("load_money"),
        (Some("m"), Some("gateways" | "bank-transfers" | "routing" | "payment-links" | "checkout-sessions")) => {
            Some("load_selling")
        }
        (Some("m"), Some("settings")) | (Some("admin"), Some("account")) => Some("load_settings"),
        (Some("admin" | "dev"), _) => Some("load_admin"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_their_group() {
        assert_eq!(group_of("/m/acct_1/test/dashboard"), None);
        assert_eq!(group_of("/m/acct_1/live/payments/pi_1"), Some("load_money"));
        assert_eq!(group_of("/m/acct_1/test/customers/cus_1"), Some("load_money"));
        assert_eq!(group_of("/m/acct_1/test/payment-links/new"), Some("load_selling"));
        assert_eq!(group_of("/m/acct_1/test/settings"), Some("load_settings"));
        assert_eq!(group_of("/admin"), Some("load_admin"));
        assert_eq!(group_of("/admin/account/password"), Some("load_settings"));
        assert_eq!(group_of("/dev/components"), Some("load_admin"));
    }
}
