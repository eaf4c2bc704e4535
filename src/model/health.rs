//! What is wrong with Gnomon's own work, so that people hear of it before they miss it in a report.

use serde::{Deserialize, Serialize};

use super::words::words;
words! {
    /// What kind of trouble it is.
    Trouble ("trouble") {
        /// Bytes of a log are gone that nobody read.
        LogLost = "log_lost",
        /// The store was damaged and replaced.
        StoreRestored = "store_restored",
        /// The store does not add up, or is damaged.
        AccountsWrong = "accounts_wrong",
        /// There is too little room to go on.
        DiskFull = "disk_full",
        /// The write-ahead log grows: a reader holds on to an old snapshot.
        LogOfWritesLong = "log_of_writes_long",
        /// Alerts wait longer than they should.
        AlertsStuck = "alerts_stuck",
    }
}

/// One trouble of Gnomon's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Health {
    pub trouble: Trouble,
    /// What it is about: a log, the store, a channel.
    pub subject: String,
    /// A sentence that says what happened.
    pub text: String,
}
