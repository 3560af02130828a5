//! Secrets that definitions name and do not hold: in the vault of the server, in files of one
//! folder, or in variables of one beginning. Whoever may publish definitions may not thereby read
//! the files of the host.

mod vault;

pub use vault::{SECRET_BYTES_MAX, Told, VAULT, Vault};

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the names of variables that definitions may name begin with.
const VARIABLES: &str = "CAUCE_";

/// Why a secret is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum Absent {
    /// It is named where none may lie: the definition is at fault.
    #[error("{0}")]
    Place(String),
    /// It is not there, or cannot be read: it may come later.
    #[error("{0}")]
    Unreadable(String),
}

/// Where secrets lie.
#[derive(Clone, Debug)]
pub struct Secrets {
    folder: PathBuf,
    vault: Option<Arc<Vault>>,
}

impl Secrets {
    /// Files lie below a folder; there is no vault.
    pub fn below(folder: &Path) -> Secrets {
        Secrets { folder: folder.to_owned(), vault: None }
    }

    /// The same with a vault.
    #[must_use]
    pub fn with(self, vault: Arc<Vault>) -> Secrets {
        Secrets { vault: Some(vault), ..self }
    }

    /// Reads a secret from where a definition says it is. One that is empty is not there: a file
    /// that nobody filled yet would be a key that anybody can sign with.
    ///
    /// # Errors
    /// See [`Absent`].
    pub fn read(&self, place: &str) -> Result<String, Absent> {
        let secret = self.kept(place)?;
        match secret.trim().is_empty() {
            true => Err(Absent::Unreadable(format!("the secret at `{place}` is empty"))),
            false => Ok(secret),
        }
    }

    fn kept(&self, place: &str) -> Result<String, Absent> {
        if let Some(file) = place.strip_prefix("file:") {
            return self.file(file);
        }
        if let Some(name) = place.strip_prefix("vault:") {
            let none = || Absent::Unreadable("there is no vault here".to_owned());
            return self.vault.as_ref().ok_or_else(none)?.read(name);
        }
        let Some(name) = place.strip_prefix("env:") else {
            // Not what stands there: it may be the secret itself.
            let text =
                "it does not say where the secret is: vault:NAME, file:NAME or env:CAUCE_NAME"
                    .to_owned();
            return Err(Absent::Place(text));
        };
        if !name.starts_with(VARIABLES) {
            let text = format!("the variable `{name}` is not for definitions: `env:{VARIABLES}…`");
            return Err(Absent::Place(text));
        }
        std::env::var(name)
            .map_err(|_| Absent::Unreadable(format!("the variable `{name}` is not set")))
    }

    fn file(&self, file: &str) -> Result<String, Absent> {
        let shown = self.folder.display();
        let outside = || {
            Absent::Place(format!(
                "`{file}` is not below `{shown}` (`secrets-dir`): write file:NAME"
            ))
        };
        let wanted = Path::new(file);
        let inside = wanted.strip_prefix(&self.folder).unwrap_or(wanted);
        let plain = |part| matches!(part, std::path::Component::Normal(_));
        if inside.as_os_str().is_empty() || !inside.components().all(plain) {
            return Err(outside());
        }
        let unreadable =
            |error| Absent::Unreadable(format!("cannot read `{file}` in `{shown}`: {error}"));
        let real = self.folder.join(inside).canonicalize().map_err(unreadable)?;
        // A link may lead about within the folder, as it does where secrets are mounted.
        if !real.starts_with(self.folder.canonicalize().map_err(unreadable)?) {
            return Err(outside());
        }
        let text = std::fs::read_to_string(real).map_err(unreadable)?;
        Ok(text.trim_end_matches('\n').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(secrets: &Secrets, place: &str, expected: &str) {
        let said = match secrets.read(place) {
            Ok(secret) => secret,
            Err(Absent::Place(_)) => "(wrong place)".to_owned(),
            Err(Absent::Unreadable(_)) => "(not there)".to_owned(),
        };
        assert_eq!(said, expected, "{place}");
    }

    #[test]
    fn only_what_lies_in_the_folder_is_read() {
        let around = tempfile::tempdir().unwrap();
        let folder = around.path().join("secrets");
        std::fs::create_dir_all(folder.join("mail")).unwrap();
        std::fs::write(folder.join("mail/password"), "hush\n").unwrap();
        std::fs::write(around.path().join("admin-key"), "ca_1").unwrap();
        std::os::unix::fs::symlink("mail/password", folder.join("link")).unwrap();
        std::os::unix::fs::symlink("../admin-key", folder.join("out")).unwrap();
        let secrets = Secrets::below(&folder);
        for place in ["file:mail/password", "file:link"] {
            check(&secrets, place, "hush");
        }
        check(&secrets, &format!("file:{}", folder.join("link").display()), "hush");
        for place in [
            "file:/etc/passwd",
            "file:../admin-key",
            "file:mail/../../admin-key",
            "file:out",
            "file:",
        ] {
            check(&secrets, place, "(wrong place)");
        }
        for place in ["env:HOME", "env:PATH", "hush", "value:x"] {
            check(&secrets, place, "(wrong place)");
        }
        check(&secrets, "file:mail/other", "(not there)");
        for nothing in ["", "\n", " \r\n\t\n"] {
            std::fs::write(folder.join("mail/empty"), nothing).unwrap();
            check(&secrets, "file:mail/empty", "(not there)");
        }
        check(&secrets, "vault:x", "(not there)");
        check(&secrets, "env:CAUCE_NOT_SET_ANYWHERE", "(not there)");
    }
}
