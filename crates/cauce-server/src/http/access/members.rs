//! Members: who may sign in, as what, and how they are invited.

use super::session::email;
use crate::access::Role;
use crate::access::members::{self, Change, Invitation, Member};
use crate::http::Shared;
use crate::http::auth::Full;
use crate::http::error::{Code, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A member that somebody wants.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberWanted)]
pub struct Wanted {
    /// The address.
    email: String,
    /// The name; the address if absent.
    name: Option<String>,
    /// What they may do.
    role: Role,
}

/// What is to be different.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The name from now on.
    name: Option<String>,
    /// The role from now on; ends all sessions.
    role: Option<Role>,
    /// Whether they may not sign in from now on; ends all sessions.
    disabled: Option<bool>,
}

/// A member.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Member)]
pub struct Shown {
    /// The address by which they sign in.
    email: String,
    /// The name.
    name: String,
    /// What they may do.
    role: Role,
    /// When they were added.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `active`; `invited`; `expired`: the invitation is over; `disabled`; `local`: signs in by a
    /// link of the server's own machine.
    state: &'static str,
    /// Whether they may not sign in.
    disabled: bool,
    /// Until when the invitation can be used; null where there is none.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    invitation_expires: Option<Timestamp>,
}

/// All members.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MemberList)]
pub struct Listed {
    /// By address.
    items: Vec<Shown>,
    /// Always null: this list has one page.
    #[schema(required = true)]
    next: Option<String>,
}

/// A member, and how they come in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MemberInvited)]
pub struct Invited {
    /// The member.
    member: Shown,
    /// The path of the link by which they choose a password: shown here and never again.
    invitation: String,
}

fn shown(member: &Member, now: Timestamp) -> Shown {
    let invited = member.invitation.as_ref().filter(|invitation| now < invitation.expires);
    let state = match () {
        () if member.disabled => "disabled",
        () if member.password.is_some() => "active",
        () if invited.is_some() => "invited",
        () if member.invitation.is_some() => "expired",
        // Signs in by a link of this machine.
        () => "local",
    };
    Shown {
        email: member.email.clone(),
        name: member.name.clone(),
        role: member.role,
        at: member.at,
        state,
        disabled: member.disabled,
        invitation_expires: invited.map(|invitation| invitation.expires),
    }
}

fn name(text: &str) -> Result<String, Problem> {
    members::name(text).map_err(|why| Problem::new(Code::Invalid, format!("name: {why}")))
}

fn get(app: &crate::app::App, email: &str) -> Result<Shown, Problem> {
    let control = app.control();
    let member = control.members.get(email);
    let missing = || Problem::new(Code::NotFound, format!("there is no member `{email}`"));
    Ok(shown(member.ok_or_else(missing)?, app.node.now()))
}

/// All members, by address.
#[utoipa::path(get, path = "/v1/members", tag = "members",
    responses((status = 200, body = Listed)))]
pub async fn list(_: Full, State(app): Shared) -> Json<Listed> {
    let now = app.node.now();
    let items = app.control().members.list().map(|member| shown(member, now)).collect();
    Json(Listed { items, next: None })
}

/// Invites somebody. The link is shown here and never again; it lasts a week and works once.
#[utoipa::path(post, path = "/v1/members", tag = "members", request_body = Wanted,
    responses((status = 201, body = Invited), (status = 409, body = Problem),
              (status = 422, body = Problem)))]
pub async fn add(
    admin: Full,
    State(app): Shared,
    Json(wanted): Json<Wanted>,
) -> Result<(StatusCode, Json<Invited>), Problem> {
    let email = email(&app, &wanted.email)?;
    let name = name(wanted.name.as_deref().unwrap_or(&email))?;
    let at = app.node.now();
    let (token, invitation) = Invitation::make(at);
    let (invitation, role) = (Some(invitation), wanted.role);
    admin.1.note_of(email.clone(), role.as_str());
    let change = Change::Added { email: email.clone(), name, role, at, invitation };
    app.change_member(move |_| Ok(change)).await?;
    let said = Invited { member: get(&app, &email)?, invitation: format!("/join/{token}") };
    Ok((StatusCode::CREATED, Json(said)))
}

/// Changes name or role, disables or enables.
#[utoipa::path(patch, path = "/v1/members/{email}", tag = "members",
    params(("email" = String, Path)), request_body = Difference,
    responses((status = 200, body = Shown), (status = 404, body = Problem),
              (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    admin: Full,
    State(app): Shared,
    Path(address): Path<String>,
    Json(wanted): Json<Difference>,
) -> Result<Json<Shown>, Problem> {
    let email = email(&app, &address)?;
    let name = wanted.name.as_deref().map(name).transpose()?;
    let mut said = Vec::new();
    said.extend(wanted.role.map(|role| format!("role {}", role.as_str())));
    said.extend(wanted.disabled.map(|no| if no { "disabled" } else { "enabled" }.to_owned()));
    said.extend(name.as_ref().map(|_| "name".to_owned()));
    if said.is_empty() {
        return Err(Problem::new(Code::Invalid, "nothing is to be changed")
            .hint("give `name`, `role` or `disabled`"));
    }
    admin.1.note_of(email.clone(), said.join(", "));
    let (role, disabled) = (wanted.role, wanted.disabled);
    let change = Change::Changed { email: email.clone(), name, role, disabled };
    app.change_member(move |_| Ok(change)).await?;
    Ok(Json(get(&app, &email)?))
}

/// Removes a member: every session ends, and the address may be invited anew.
#[utoipa::path(delete, path = "/v1/members/{email}", tag = "members",
    params(("email" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn remove(
    admin: Full,
    State(app): Shared,
    Path(address): Path<String>,
) -> Result<StatusCode, Problem> {
    let email = email(&app, &address)?;
    admin.1.note_of(email.clone(), "");
    app.change_member(move |_| Ok(Change::Removed { email })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a new invitation, for somebody who lost a link or a password. What they had is worth
/// nothing any more, and every session ends.
#[utoipa::path(post, path = "/v1/members/{email}/invitation", tag = "members",
    params(("email" = String, Path)),
    responses((status = 201, body = Invited), (status = 404, body = Problem)))]
pub async fn invite(
    admin: Full,
    State(app): Shared,
    Path(address): Path<String>,
) -> Result<(StatusCode, Json<Invited>), Problem> {
    let email = email(&app, &address)?;
    let (token, invitation) = Invitation::make(app.node.now());
    admin.1.note_of(email.clone(), "");
    let change = Change::Invited { email: email.clone(), invitation };
    app.change_member(move |_| Ok(change)).await?;
    let said = Invited { member: get(&app, &email)?, invitation: format!("/join/{token}") };
    Ok((StatusCode::CREATED, Json(said)))
}
