//! Where things are when nobody says: the system's places for root and the service, XDG's for everyone else.

use std::path::PathBuf;

/// Where systemd says, `/etc/gnomon/gnomon.toml`, or `gnomon/gnomon.toml` in the user's configuration directory.
#[must_use]
pub fn default_config_file() -> PathBuf {
    if let Some(directory) =
        std::env::var_os("CONFIGURATION_DIRECTORY").filter(|value| !value.is_empty())
    {
        return PathBuf::from(directory).join("gnomon.toml");
    }
    if is_root() {
        return PathBuf::from("/etc/gnomon/gnomon.toml");
    }
    user_directory("XDG_CONFIG_HOME", ".config").join("gnomon/gnomon.toml")
}

/// The database: where systemd says, `/var/lib/gnomon/gnomon.db`, or in the user's state directory.
#[must_use]
pub fn default_store() -> PathBuf {
    if let Some(directory) = std::env::var_os("STATE_DIRECTORY").filter(|value| !value.is_empty()) {
        return PathBuf::from(directory).join("gnomon.db");
    }
    if is_root() {
        return PathBuf::from("/var/lib/gnomon/gnomon.db");
    }
    user_directory("XDG_STATE_HOME", ".local/state").join("gnomon/gnomon.db")
}

fn user_directory(variable: &str, under_home: &str) -> PathBuf {
    let set = std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    set.unwrap_or_else(|| {
        std::env::var_os("HOME")
            .map_or_else(|| PathBuf::from("."), PathBuf::from)
            .join(under_home)
    })
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
