//! One row of a Zeek log, whichever way it was written.
//!
//! The two encodings differ in how a cell is spelt, not in what it means; the readers of the single logs see
//! this trait only.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::model::{Time, Untrusted};

use super::columns::Column;

pub(super) trait Row<'a> {
    /// The cell as text, escapes undone; `None` when it is unset or empty. Takes it out of the row.
    fn text(&mut self, column: Column) -> Option<Cow<'a, [u8]>>;
    /// The items of a set or vector.
    fn list(&mut self, column: Column) -> Vec<Untrusted<'a>>;
    fn count(&self, column: Column) -> Option<u64>;
    fn flag(&self, column: Column) -> Option<bool>;
    fn address(&self, column: Column) -> Option<IpAddr>;
    fn time(&self, column: Column) -> Option<Time>;
    /// An interval, which Zeek writes in seconds.
    fn millis(&self, column: Column) -> Option<u64>;

    fn untrusted(&mut self, column: Column) -> Option<Untrusted<'a>> {
        self.text(column).map(Untrusted::from)
    }

    fn port(&self, column: Column) -> Option<u16> {
        u16::try_from(self.count(column)?).ok()
    }
}
