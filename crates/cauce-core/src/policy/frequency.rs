//! How many messages a person gets: rolling windows, exact because a profile has one writer.

use super::Reason;
use crate::ids::MessageId;
use crate::message::Channel;
use crate::profile::Sent;
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// At most `messages` within `window`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cap {
    /// How many.
    pub messages: u32,
    /// Within which rolling window.
    #[serde(with = "crate::policy::span_text")]
    pub window: Duration,
    /// Only on this channel; absent for all channels together.
    #[serde(default)]
    pub channel: Option<Channel>,
}

/// The longest window: what is older need not be remembered.
pub fn window_max(caps: &[Cap]) -> Duration {
    caps.iter().map(|cap| cap.window).max().unwrap_or_default()
}

/// Says no if this message now would exceed a cap.
pub fn judge(
    caps: &[Cap],
    sent: &[Sent],
    (message, channel): (MessageId, Channel),
    now: Timestamp,
) -> Result<(), Reason> {
    for cap in caps {
        if cap.channel.is_some_and(|only| only != channel) {
            continue;
        }
        // Not: itself, which has left for some of its devices.
        let counts = |s: &&Sent| {
            s.message != message
                && s.at > now.minus(cap.window)
                && cap.channel.is_none_or(|only| only == s.channel)
        };
        let already = sent.iter().filter(counts).count() as u32;
        if already >= cap.messages {
            return Err(Reason::FrequencyCapped {
                sent: already,
                cap: cap.messages,
                window: cap.window,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_rolls() {
        let caps = [Cap { messages: 2, window: Duration::DAY, channel: Some(Channel::Email) }];
        let at = |hour: i64, channel| Sent {
            at: Timestamp(hour * Duration::HOUR.0),
            channel,
            message: MessageId(hour as u128),
        };
        let sent = [at(0, Channel::Email), at(1, Channel::Email), at(2, Channel::Sms)];
        let judge_as = |message, hour: i64, channel| {
            judge(&caps, &sent, (MessageId(message), channel), Timestamp(hour * Duration::HOUR.0))
        };
        let judge_at = |hour: i64, channel| judge_as(9, hour, channel);
        assert_eq!(judge_at(23, Channel::Email).unwrap_err().code(), "frequency-capped");
        assert!(judge_at(23, Channel::Sms).is_ok());
        // A message does not keep itself from its other devices.
        assert!(judge_as(1, 23, Channel::Email).is_ok());
        // The first leaves the window exactly a day later.
        assert!(judge_at(24, Channel::Email).is_ok());
    }
}
