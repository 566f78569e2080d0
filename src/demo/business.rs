//! An operator's admin, and a business that has applied and was approved.

use super::clock::DemoClock;
use super::{Person, keep};
use domain::states::ApplicationStatus;
use domain::time::{HOUR, MINUTE};
use domain::views::application::{Answers, Owner, Step};
use domain::views::checkout::LinkForm;
use domain::views::gateway::ConnectionForm;
use domain::{Locale, Mode, Scope, StaffRole, UserId};
use services::accounts::SignUp;
use services::{MerchantActor, Origin, ServiceError, Services};

/// The smallest honest PDF: one empty page.
const PDF: &[u8] =
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// Makes both, with a sandbox connection and payment links in test mode.
pub(super) async fn make(
    svc: &Services,
    clock: &DemoClock,
    admin: &Person,
    owner: &Person,
) -> Result<MerchantActor, ServiceError> {
    let password = Some(admin.password.clone());
    let staff =
        services::accounts::create_staff(svc, None, admin.name, admin.email, StaffRole::Admin, password).await?;
    clock.set(svc.now().plus(5 * MINUTE));
    let user = sign_up(svc, owner).await?;
    let viewer = services::accounts::viewer(svc, &user).await?;
    let fault = || ServiceError::Fault("the demo's business was not made".to_owned());
    let merchant = viewer.merchants.first().map(|m| m.merchant_id.clone()).ok_or_else(fault)?;
    let scope = Scope { merchant, mode: Mode::Test };
    let actor = services::access::enter(svc, &user, &scope, Origin::default()).await?;
    clock.set(svc.now().plus(20 * MINUTE));
    apply(svc, &actor).await?;
    clock.set(svc.now().plus(3 * HOUR));
    approve(svc, &staff, &actor).await?;
    connect(svc, &actor).await?;
    sell(svc, &actor).await?;
    services::accounts::set_last(svc, &user, &scope).await?;
    Ok(actor)
}

/// Signs up, and opens the link of the mail.
async fn sign_up(svc: &Services, owner: &Person) -> Result<UserId, ServiceError> {
    let form = SignUp {
        name: owner.name.to_owned(),
        email: owner.email.to_owned(),
        password: owner.password.clone(),
        business_name: "Fieldnotes".to_owned(),
        locale: Locale::En,
    };
    services::accounts::sign_up(svc, &form, &Origin::default()).await?;
    let mut token = None;
    for mail in services::mail::due(svc, 10).await? {
        let link = mail.params.iter().find(|(name, _)| name == "link").map(|(_, link)| link.clone());
        if mail.recipient == owner.email {
            token = link.and_then(|link| link.split_once("token=").map(|(_, token)| token.to_owned()));
        }
        keep(svc, &mail).await?;
    }
    let token = token.ok_or_else(|| ServiceError::Fault("the demo's mail was not written".to_owned()))?;
    services::accounts::verify_email(svc, &token, &Origin::default()).await
}

async fn apply(svc: &Services, actor: &MerchantActor) -> Result<(), ServiceError> {
    let answers = answers();
    let mut version = services::applications::view(svc, actor).await?.version;
    for step in [Step::Business, Step::Activity, Step::Owners, Step::Bank] {
        version = services::applications::save_step(svc, actor, step, &answers, version).await?.version;
    }
    for (purpose, name) in [("registration", "register.pdf"), ("bank", "bank-letter.pdf"), ("identity", "passport.pdf")]
    {
        services::applications::upload(svc, actor, purpose, name, PDF).await?;
    }
    services::applications::submit(svc, actor).await.map(drop)
}

async fn approve(svc: &Services, staff: &UserId, actor: &MerchantActor) -> Result<(), ServiceError> {
    let staff = services::access::enter_staff(svc, staff, Origin::default()).await?;
    let merchant = &actor.scope.merchant;
    let review = services::admin::review(svc, &staff, merchant).await?;
    debug_assert_eq!(review.application.status, ApplicationStatus::Submitted);
    services::admin::approve(svc, &staff, merchant, review.application.version).await
}

async fn connect(svc: &Services, actor: &MerchantActor) -> Result<(), ServiceError> {
    let form = ConnectionForm {
        provider: "sandbox".to_owned(),
        name: "Sandbox".to_owned(),
        methods: vec!["card".to_owned()],
        priority: "1".to_owned(),
        ..ConnectionForm::default()
    };
    let id = services::connections::add(svc, actor, &form).await?;
    services::connections::test(svc, actor, &id).await.map(drop)
}

async fn sell(svc: &Services, actor: &MerchantActor) -> Result<(), ServiceError> {
    let guide = LinkForm {
        title: "Field guide to alpine flowers".to_owned(),
        description: "Hardback, 320 pages, posted within two days.".to_owned(),
        currency: "EUR".to_owned(),
        pricing: "fixed".to_owned(),
        amount: "34.00".to_owned(),
        max_quantity: "5".to_owned(),
        ..LinkForm::default()
    };
    let support = LinkForm {
        title: "Support the herbarium".to_owned(),
        currency: "EUR".to_owned(),
        pricing: "customer".to_owned(),
        min_amount: "5".to_owned(),
        max_amount: "500".to_owned(),
        ..LinkForm::default()
    };
    services::links::create(svc, actor, &guide).await?;
    services::links::create(svc, actor, &support).await.map(drop)
}

fn answers() -> Answers {
    let text = str::to_owned;
    Answers {
        legal_name: text("Fieldnotes AB"),
        trading_name: text("Fieldnotes"),
        legal_form: text("company"),
        company_number: text("556703-7485"),
        tax_number: text("SE556703748501"),
        address_line: text("Storgatan 1"),
        city: text("Stockholm"),
        postal_code: text("111 22"),
        country: text("SE"),
        phone: text("+46 8 123 456 78"),
        website: text("https://fieldnotes.example"),
        category: text("books_and_media"),
        description: text("Field guides, notebooks and prints, posted to customers in Europe within two days."),
        monthly_volume: text("12000"),
        volume_currency: text("EUR"),
        average_payment: text("40"),
        owners: vec![Owner {
            name: text("Robin Berg"),
            birth_date: text("1984-05-31"),
            country: text("SE"),
            share: text("100"),
            role: text("Managing director"),
        }],
        account_holder: text("Fieldnotes AB"),
        account_kind: text("iban"),
        iban: text("SE45 5000 0000 0583 9825 7466"),
        ..Answers::default()
    }
}
