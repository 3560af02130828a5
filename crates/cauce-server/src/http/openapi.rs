//! The API's description, generated from the code and locked by a test.

use super::error::Problem;
use super::v1;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Cauce",
        description = "Orchestrates messages to people across channels.",
        license(name = "Apache-2.0")
    ),
    paths(
        v1::segment::call,
        v1::segment::batch,
        v1::segment::import,
        v1::events::accept,
        v1::messages::create,
        v1::messages::show,
        v1::messages::list,
        v1::messages::export,
        v1::profiles::show,
        v1::profiles::segment,
        v1::profiles::campaign,
        super::people::devices::list,
        super::people::devices::register,
        super::people::devices::remove,
        super::people::refused::list,
        super::people::refused::decide,
        super::push::opened,
        super::push::key,
        v1::why::journey,
        v1::why::template,
        v1::segments::list,
        v1::segments::show,
        v1::segments::members,
        super::who::segment_dependents,
        super::who::list_dependents,
        super::who::estimate::estimate,
        super::who::lists::list,
        super::who::lists::show,
        super::who::lists::members,
        super::who::rows::add,
        super::who::rows::replace,
        super::who::rows::seal,
        v1::definitions::list,
        v1::definitions::check,
        v1::definitions::plan,
        v1::definitions::apply,
        v1::definitions::revisions,
        v1::definitions::variables,
        v1::campaigns::list,
        v1::campaigns::ahead,
        v1::campaigns::start,
        v1::campaigns::show,
        v1::campaigns::steer,
        v1::explain::show,
        v1::suppressions::set,
        v1::suppressions::lift,
        v1::suppressions::bulk::list,
        v1::suppressions::bulk::import,
        v1::suppressions::held::list,
        v1::suppressions::held::release,
        super::sending::cost::campaign,
        super::sending::senders::check,
        super::sending::standing::show,
        super::sending::standing::resume,
        v1::keys::list,
        v1::keys::make,
        v1::keys::revoke,
        super::access::session::show,
        super::access::session::sign_in,
        super::access::session::sign_out,
        super::access::session::join,
        super::access::session::set_password,
        super::access::members::list,
        super::access::members::add,
        super::access::members::change,
        super::access::members::remove,
        super::access::members::invite,
        super::access::audit::list,
        super::access::secrets::list,
        super::access::secrets::set,
        super::access::secrets::remove,
        super::share::lookup::show,
        super::share::tokens::make,
        super::share::ofrep::one,
        super::share::ofrep::many,
        super::share::changes::stream,
        super::share::changes::position,
        super::share::destinations::list,
        super::share::destinations::resume,
        super::share::destinations::make,
        super::share::sources::list,
        super::share::sources::show,
        super::share::sources::files,
        super::share::sources::run,
        super::ops::sending,
        super::ops::steer_sending,
        super::schemas::quarantine::list,
        super::schemas::quarantine::show,
        super::schemas::quarantine::replay,
        super::schemas::quarantine::drop,
        super::queues::show,
        super::queues::letters::list,
        super::queues::letters::replay,
        super::queues::letters::give_up,
        super::schemas::show::list,
        super::schemas::show::event,
        super::schemas::show::attributes,
        super::schemas::complete::complete,
        super::ops::retain,
        super::ops::backup,
        super::ops::clock,
        super::ops::confirm_clock,
        super::people::identity::show,
        super::people::consents::show,
        super::people::erasures::erase,
        super::people::export::export,
        super::people::export::rectify,
        super::people::erasures::list,
        super::people::erasures::sweep,
    ),
    components(schemas(Problem))
)]
struct Api;

/// The document, as it is committed.
pub fn document() -> String {
    let mut api = Api::openapi();
    api.merge(super::console::Description::openapi());
    let mut text = api.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    /// `openapi.json` is what the code says; `cargo xtask bless` writes it anew.
    #[test]
    fn the_committed_description_is_true() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
        let now = super::document();
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(file, &now).unwrap();
        }
        let committed = std::fs::read_to_string(file).unwrap_or_default();
        assert!(
            committed == now,
            "openapi.json is not what the code says; run `cargo xtask bless`"
        );
    }
}
