//! On what basis somebody is named. The name itself says it: a leased device carries its hardware address, a person of the
//! directory the word, a pseudonym its kind. So the basis goes wherever the name goes.

use std::net::IpAddr;

use crate::model::words;

words! {
    /// Why a client or a user is called so.
    Basis ("basis of a name") {
        /// The log names the user.
        User = "user",
        /// A DHCP lease names the device that had the address then.
        Lease = "lease",
        /// The directory names the person behind address or device.
        Directory = "directory",
        /// There is no name but the address.
        Address = "address",
        /// The log names the machine.
        Name = "name",
    }
}

/// What stands behind the name of a person whom the directory names.
const BY_DIRECTORY: &str = " (directory)";

/// A person as the directory names him.
pub(super) fn by_directory(person: &str) -> String {
    format!("{person}{BY_DIRECTORY}")
}

impl Basis {
    /// On what basis a client is called so.
    #[must_use]
    pub fn of_client(name: &str) -> Self {
        let has_hardware = name.rsplit('/').next().is_some_and(is_hardware);
        if name.starts_with("device-") || has_hardware {
            Self::Lease
        } else if name.parse::<IpAddr>().is_ok() || name.starts_with("client-") {
            Self::Address
        } else {
            Self::Name
        }
    }

    /// On what basis a user is called so.
    #[must_use]
    pub fn of_user(name: &str) -> Self {
        if name.ends_with(BY_DIRECTORY) || name.starts_with("person-") {
            Self::Directory
        } else {
            Self::User
        }
    }
}

/// `00:00:5e:00:53:01`, or a longer identifier of the same form.
fn is_hardware(text: &str) -> bool {
    let mut pairs = 0;
    text.split(':').all(|pair| {
        pairs += 1;
        pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit())
    }) && pairs >= 6
}
