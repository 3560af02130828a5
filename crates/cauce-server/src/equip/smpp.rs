//! Operators and aggregators of text messages over SMPP.

use super::sms::{Clock, clock};
use crate::app::App;
use crate::loops::carrying::{Carry, Coming, Turn, misplaced};
use crate::loops::outside::heard::Heard;
use crate::render::Content;
use anyhow::Context;
use cauce_channels::sms::smpp::{
    Alphabet, Answers, Binds, Client, Form, IdForm, Joining, Listener, Options, Plan, Plans,
    Validity, Writing,
};
use cauce_core::delivery::Outcome;
use cauce_core::message::content::sms::Sms;
use cauce_core::publish::{Smpp, TonNpi};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a message may wait that nobody gave a time.
const WHOLE: Duration = Duration::from_millis(cauce_core::input::START_WITHIN.0 as u64);

struct BySmpp(Client, Clock);

impl Carry for BySmpp {
    fn carry<'a>(&'a self, content: &'a Content) -> Coming<'a> {
        let start_before = tokio::time::Instant::now() + WHOLE;
        self.carry_among(content, Turn { start_before, urgent: false })
    }

    fn carry_among<'a>(&'a self, content: &'a Content, turn: Turn) -> Coming<'a> {
        Box::pin(async move {
            let Content::Sms(sms) = content else { return misplaced("text messages") };
            let BySmpp(client, clock) = self;
            match turn.urgent {
                true => client.send_first(sms, clock(), turn.start_before).await,
                false => client.send(sms, clock(), turn.start_before).await,
            }
        })
    }
}

/// How long a message that goes by a session of its own may wait for it.
const WAIT_FOR_SESSION: Duration = Duration::from_secs(15);
/// How long that session may take to end.
const UNBIND_WITHIN: Duration = Duration::from_secs(2);

/// One message by a session of its own, which hears nothing: what others send is not in its way.
pub(crate) async fn apart(app: &App, source: &Smpp, sms: &Sms) -> Outcome {
    let held = |error: anyhow::Error| Outcome::Held { text: format!("{error:#}") };
    let options = match password(app, source).and_then(|word| options(app, source, word)) {
        Ok(options) => Options { binds: Binds::Transmitter, connections: 1, ..options },
        Err(error) => return held(error),
    };
    let nobody: Listener = Arc::new(|_| Box::pin(async { false }));
    let client = match Client::start(options, app.egress.clone(), nobody) {
        Ok(client) => client,
        Err(error) => return held(error.into()),
    };
    let begin_by = tokio::time::Instant::now() + WAIT_FOR_SESSION;
    let outcome = client.send(sms, clock(app)(), begin_by).await;
    client.close(UNBIND_WITHIN).await;
    outcome
}

fn password(app: &App, source: &Smpp) -> anyhow::Result<String> {
    let password = app.secrets.read(&source.password)?.trim().to_owned();
    // Limit: what a bind has room for (SMPP v3.4, 4.1.1).
    anyhow::ensure!(password.len() <= 8, "SMPP passwords have at most 8 characters");
    Ok(password)
}

/// Makes the way out: its sessions are opened at once, since people write to us over them.
pub(super) fn carry(app: &App, name: &str, source: &Smpp) -> anyhow::Result<Arc<dyn Carry>> {
    let allocator = app.allocator.clone();
    let options = Options {
        revoked: Arc::new(move |message| allocator.is_revoked(message)),
        ..options(app, source, password(app, source)?)?
    };
    let (heard, provider) = (app.heard.clone(), Arc::<str>::from(name));
    let gone = Arc::new(source.gone.clone());
    let listener: Listener = Arc::new(move |said| {
        let (durable, told) = oneshot::channel();
        let (provider, gone) = (Arc::clone(&provider), Arc::clone(&gone));
        let sent = heard.send(Heard { provider, gone, said, durable });
        Box::pin(async move { sent.is_ok() && told.await.unwrap_or(false) })
    });
    let _inside = app.runtime.enter();
    let client = Client::start(options, app.egress.clone(), listener)?;
    Ok(Arc::new(BySmpp(client, clock(app))))
}

fn options(app: &App, source: &Smpp, password: String) -> anyhow::Result<Options> {
    let plan = |said: Option<TonNpi>, usual: Plan| {
        said.map_or(usual, |said| Plan { ton: said.ton, npi: said.npi })
    };
    let usual = Plans::default();
    let plans = Plans {
        number: plan(source.addressing.number, usual.number),
        letters: plan(source.addressing.letters, usual.letters),
        short_code: plan(source.addressing.short_code, usual.short_code),
    };
    let alphabet = match source.alphabet.as_str() {
        "latin1" => Alphabet::Latin1,
        "ia5" => Alphabet::Ia5,
        _ => Alphabet::Gsm,
    };
    let joining = match source.segmentation.as_str() {
        "udh-16" => Joining::LongHeader,
        "sar" => Joining::Parameters,
        "payload" => Joining::Payload,
        _ => Joining::Header,
    };
    let validity = match source.validity.as_str() {
        "absolute" => Validity::Absolute,
        "none" => Validity::Silent,
        _ => Validity::Relative,
    };
    let binds = match source.bind.as_str() {
        "separate" => Binds::Separate,
        "transmitter" => Binds::Transmitter,
        _ => Binds::Transceiver,
    };
    let ids = match source.receipt_id.as_str() {
        "answer-hex" => IdForm::AnswerHex,
        "receipt-hex" => IdForm::ReceiptHex,
        _ => IdForm::Same,
    };
    let mut meanings = std::collections::BTreeMap::new();
    for (status, meaning) in &source.statuses {
        let number = Smpp::status(status).with_context(|| format!("`{status}` is no status"))?;
        meanings.insert(number, *meaning);
    }
    Ok(Options {
        tls: (source.tls == "tls").then(|| app.tls.clone()),
        system_type: source.system_type.clone(),
        binds,
        connections: source.connections as usize,
        window: source.window as usize,
        per_second: source.parts_per_second,
        form: Form {
            writing: Writing { alphabet, declared: source.declare_alphabet },
            joining,
            validity,
            plans,
            service_type: source.service_type.clone(),
            // Asked for with every bind: those of a transmitter may be heard by another system.
            receipts: true,
        },
        international: source.inbound_numbers == "international",
        ids,
        answers: Answers { meanings },
        answer_within: Duration::from_secs(u64::from(source.answer_within_s)),
        enquire_every: Duration::from_secs(u64::from(source.enquire_every_s)),
        ..Options::new(&source.host, source.port, &source.system_id, &password)
    })
}
