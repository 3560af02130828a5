//! From nothing to a conversation in which messages can be sent: connection, greeting, TLS,
//! capabilities, authentication.

use super::exchange::Pending;
use super::wire::{Stream, Wire};
use super::{
    Auth, Capabilities, Connection, Options, Reply, Security, refused, refused_here, unreachable,
};
use crate::egress::{Egress, NoConnection};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cauce_core::delivery::{Enhanced, Outcome, Stage};
use std::net::IpAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Why there is no conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotOpened {
    /// What it means for whatever was to be sent.
    pub outcome: Outcome,
    /// Whether TLS itself failed, so that asking without it may work.
    pub tls_failed: bool,
}

impl From<Outcome> for NotOpened {
    fn from(outcome: Outcome) -> NotOpened {
        NotOpened { outcome, tls_failed: false }
    }
}

impl Connection {
    /// Opens a conversation. A failure is the outcome of whatever was to be sent.
    pub async fn open(egress: &Egress, options: &Options) -> Result<Connection, Outcome> {
        let stream = egress.connect(&options.host, options.port).await.map_err(no_connection)?;
        Connection::begin_over(stream, options).await.map_err(|fault| fault.outcome)
    }

    /// Opens a conversation with a host whose addresses are known.
    pub async fn open_among(
        egress: &Egress,
        addresses: &[IpAddr],
        options: &Options,
    ) -> Result<Connection, NotOpened> {
        let stream = egress
            .connect_among(&options.host, addresses, options.port)
            .await
            .map_err(no_connection)?;
        Connection::begin_over(stream, options).await
    }

    async fn begin_over(stream: TcpStream, options: &Options) -> Result<Connection, NotOpened> {
        let stream = match options.security {
            Security::Implicit => secure(options, stream).await?,
            Security::Plain | Security::Opportunistic | Security::Required => Stream::Plain(stream),
        };
        let mut connection = Connection {
            wire: Wire::new(stream),
            timeouts: options.timeouts,
            capabilities: Capabilities::default(),
            secure: options.security == Security::Implicit,
            dirty: false,
            open: true,
            pending: Pending::default(),
        };
        let greeting = connection.reply_within(options.timeouts.greeting).await?;
        if !greeting.is_positive() {
            return Err(refused(Stage::Connect, &greeting).into());
        }
        connection.hello(&options.helo_name).await?;
        match options.security {
            Security::Plain | Security::Implicit => {}
            Security::Opportunistic | Security::Required => {
                connection = connection.start_tls(options).await?;
            }
        }
        if let Some(auth) = &options.auth {
            connection.authenticate(auth).await?;
        }
        Ok(connection)
    }

    async fn reply_within(&mut self, limit: Duration) -> Result<Reply, Outcome> {
        match timeout(limit, self.wire.reply()).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(text)) => Err(unreachable(text)),
            Err(_) => Err(unreachable(format!("no answer within {} s", limit.as_secs_f32()))),
        }
    }

    async fn ask(&mut self, command: &str) -> Result<Reply, Outcome> {
        let limit = self.timeouts.greeting;
        match timeout(limit, self.wire.write_all(command.as_bytes())).await {
            Ok(Ok(())) => self.reply_within(limit).await,
            Ok(Err(error)) => Err(unreachable(format!("writing to the server: {error}"))),
            Err(_) => Err(unreachable("the server does not read")),
        }
    }

    async fn hello(&mut self, name: &str) -> Result<(), Outcome> {
        // Limit: a name that could end the command is our misconfiguration; it is cut, not sent.
        let name: String = name.chars().filter(char::is_ascii_graphic).take(255).collect();
        let reply = self.ask(&format!("EHLO {name}\r\n")).await?;
        if reply.is_positive() {
            self.capabilities = capabilities(&reply.text);
            return Ok(());
        }
        // Servers that do not know EHLO say so with 500 or 502; some have other words for it.
        if reply.code / 100 == 5 {
            let reply = self.ask(&format!("HELO {name}\r\n")).await?;
            if reply.is_positive() {
                self.capabilities = Capabilities::default();
                return Ok(());
            }
            return Err(refused(Stage::Connect, &reply));
        }
        Err(refused(Stage::Connect, &reply))
    }

    async fn start_tls(mut self, options: &Options) -> Result<Connection, NotOpened> {
        let required = options.security == Security::Required;
        if !self.capabilities.starttls {
            if required {
                let text = "TLS is required and the server does not offer it";
                return Err(unreachable(text).into());
            }
            return Ok(self);
        }
        let reply = self.ask("STARTTLS\r\n").await?;
        if !reply.is_positive() {
            if required || reply.code == 421 {
                return Err(refused(Stage::Connect, &reply).into());
            }
            return Ok(self);
        }
        // Whatever came readable after the answer was put there by somebody on the path, to be
        // taken for an answer under TLS.
        if !self.wire.unread().is_empty() {
            return Err(unreachable("the server sent readable bytes after STARTTLS").into());
        }
        let Stream::Plain(stream) = self.wire.stream else {
            return Err(unreachable("TLS is on already").into());
        };
        self.wire = Wire::new(secure(options, stream).await?);
        self.secure = true;
        self.hello(&options.helo_name).await?;
        Ok(self)
    }

    async fn authenticate(&mut self, auth: &Auth) -> Result<(), Outcome> {
        if !self.secure && !auth.allow_plaintext {
            return Err(refused_here(
                Stage::Auth,
                538,
                Enhanced(5, 7, 11),
                "the password would cross the network readable; turn TLS on or allow it".to_owned(),
            ));
        }
        let reply = if self.capabilities.auth_plain {
            let token = STANDARD.encode(format!("\0{}\0{}", auth.name, auth.password));
            self.ask(&format!("AUTH PLAIN {token}\r\n")).await?
        } else if self.capabilities.auth_login {
            let mut reply = self.ask("AUTH LOGIN\r\n").await?;
            for word in [&auth.name, &auth.password] {
                if reply.is_intermediate() {
                    reply = self.ask(&format!("{}\r\n", STANDARD.encode(word))).await?;
                }
            }
            reply
        } else {
            return Err(refused_here(
                Stage::Auth,
                504,
                Enhanced(5, 5, 4),
                "the server offers neither AUTH PLAIN nor AUTH LOGIN".to_owned(),
            ));
        };
        if reply.is_positive() { Ok(()) } else { Err(refused(Stage::Auth, &reply)) }
    }
}

fn no_connection(reason: NoConnection) -> Outcome {
    match reason {
        NoConnection::Refused(text) => refused_here(Stage::Connect, 550, Enhanced(5, 4, 4), text),
        NoConnection::Unreachable(text) => unreachable(text),
    }
}

async fn secure(options: &Options, stream: TcpStream) -> Result<Stream, NotOpened> {
    let limit = options.timeouts.greeting;
    let outcome = match timeout(limit, options.tls.secure(stream, &options.host)).await {
        Ok(Ok(stream)) => return Ok(Stream::Tls(Box::new(stream))),
        Ok(Err(reason)) => no_connection(reason),
        Err(_) => unreachable("TLS was not agreed in time"),
    };
    Err(NotOpened { outcome, tls_failed: true })
}

fn capabilities(text: &str) -> Capabilities {
    let mut found = Capabilities::default();
    // The first line is the server's name.
    for line in text.lines().skip(1) {
        let upper = line.trim().to_ascii_uppercase();
        // Some servers write `AUTH=PLAIN`.
        let mut words = upper.split([' ', '=']).filter(|word| !word.is_empty());
        match words.next() {
            Some("PIPELINING") => found.pipelining = true,
            Some("SMTPUTF8") => found.smtputf8 = true,
            Some("STARTTLS") => found.starttls = true,
            Some("SIZE") => {
                found.size = true;
                // Zero is "no fixed limit" (RFC 1870).
                found.size_max = words.next().and_then(|w| w.parse().ok()).filter(|max| *max > 0);
            }
            Some("AUTH") => {
                for word in words {
                    found.auth_plain |= word == "PLAIN";
                    found.auth_login |= word == "LOGIN";
                }
            }
            Some(_) | None => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_read_in_any_spelling() {
        let text = "pipelining.example\npipelining\nSize 1000\nAUTH=LOGIN\nauth PLAIN x\nstarttls";
        let check = Capabilities {
            pipelining: true,
            starttls: true,
            size: true,
            size_max: Some(1000),
            auth_plain: true,
            auth_login: true,
            smtputf8: false,
        };
        assert_eq!(capabilities(text), check);
        assert_eq!(capabilities("PIPELINING"), Capabilities::default());
        assert_eq!(capabilities("x\nSIZE 0").size_max, None);
    }
}
