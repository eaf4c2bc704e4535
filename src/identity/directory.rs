//! A list of who works at what: address, device or user → person and department.
//!
//! A table with a heading line, columns apart by commas, semicolons or tabs, in any order: one or more of `address`, `device` (a name
//! or a hardware address) and `user` to find a row by, `person` and `department` to say, `from` and `until` (dates or
//! moments, UTC) where a row does not hold for ever. Cells may stand in double quotes. A row that names nobody, or cannot be
//! found by anything, is counted as bad.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::model::Time;

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Empty when the row names none.
    pub(super) person: Arc<str>,
    pub(super) department: Arc<str>,
    pub(super) from: Time,
    /// The first moment after it.
    pub(super) until: Time,
}

/// The rows, by what they are found by.
#[derive(Debug, Default)]
pub(super) struct Directory {
    addresses: HashMap<IpAddr, Vec<Entry>>,
    devices: HashMap<String, Vec<Entry>>,
    users: HashMap<String, Vec<Entry>>,
    pub(super) bad: u64,
}

#[derive(Clone, Copy)]
enum Column {
    Address,
    Device,
    User,
    Person,
    Department,
    From,
    Until,
    Other,
}

impl Directory {
    /// Reads a list.
    pub(super) fn read(text: &str) -> Self {
        let mut directory = Self::default();
        let mut lines = text
            .trim_start_matches('\u{feff}')
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let Some(heading) = lines.next() else {
            return directory;
        };
        let delimiter = ['\t', ';', ',']
            .into_iter()
            .find(|delimiter| heading.contains(*delimiter))
            .unwrap_or(',');
        let columns: Vec<Column> = cells(heading, delimiter)
            .iter()
            .map(|name| column(name))
            .collect();
        for line in lines {
            if directory.row(&cells(line, delimiter), &columns).is_none() {
                directory.bad += 1;
            }
        }
        directory
    }

    fn row(&mut self, cells: &[String], columns: &[Column]) -> Option<()> {
        let (mut address, mut device, mut user) = (None, None, None);
        let mut entry = Entry {
            person: "".into(),
            department: "".into(),
            from: Time::from_micros(i64::MIN),
            until: Time::from_micros(i64::MAX),
        };
        for (cell, column) in cells.iter().zip(columns) {
            let cell = cell.trim();
            if cell.is_empty() {
                continue;
            }
            match column {
                Column::Address => address = Some(cell.parse::<IpAddr>().ok()?.to_canonical()),
                Column::Device => device = Some(cell.to_lowercase()),
                Column::User => user = Some(cell.to_lowercase()),
                Column::Person => entry.person = cell.into(),
                Column::Department => entry.department = cell.into(),
                Column::From => entry.from = cell.parse().ok()?,
                Column::Until => entry.until = Time::parse_end(cell).ok()?,
                Column::Other => {}
            }
        }
        let names_nobody = entry.person.is_empty() && entry.department.is_empty();
        if names_nobody || entry.from >= entry.until {
            return None;
        }
        let mut found_by = false;
        if let Some(address) = address {
            self.addresses
                .entry(address)
                .or_default()
                .push(entry.clone());
            found_by = true;
        }
        if let Some(device) = device {
            self.devices.entry(device).or_default().push(entry.clone());
            found_by = true;
        }
        if let Some(user) = user {
            self.users.entry(user).or_default().push(entry);
            found_by = true;
        }
        found_by.then_some(())
    }

    /// Rows about an address.
    pub(super) fn of_address(&self, address: IpAddr) -> &[Entry] {
        self.addresses.get(&address).map_or(&[], Vec::as_slice)
    }

    /// Rows about a device, by its name or hardware address.
    pub(super) fn of_device(&self, name: &str) -> &[Entry] {
        let rows = self.devices.get(&name.to_lowercase());
        rows.map_or(&[], Vec::as_slice)
    }

    /// Rows about a user.
    pub(super) fn of_user(&self, name: &str) -> &[Entry] {
        let rows = self.users.get(&name.to_lowercase());
        rows.map_or(&[], Vec::as_slice)
    }

    /// Every address and name in it.
    pub(super) fn names(&self) -> impl Iterator<Item = String> + '_ {
        let rows = self.addresses.values().chain(self.devices.values());
        let rows = rows.chain(self.users.values()).flatten();
        let persons = rows.map(|entry| entry.person.to_string());
        let addresses = self.addresses.keys().map(ToString::to_string);
        let named = self.devices.keys().chain(self.users.keys()).cloned();
        persons.chain(addresses).chain(named)
    }
}

fn column(name: &str) -> Column {
    match name.trim().to_lowercase().as_str() {
        "address" | "ip" => Column::Address,
        "device" => Column::Device,
        "user" => Column::User,
        "person" => Column::Person,
        "department" => Column::Department,
        "from" => Column::From,
        "until" => Column::Until,
        _ => Column::Other,
    }
}

/// The cells of a line; a doubled quote inside quotes is one.
fn cells(line: &str, delimiter: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.trim_end_matches('\r').chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                push(&mut cells, '"');
            }
            '"' => quoted = !quoted,
            char if char == delimiter && !quoted => cells.push(String::new()),
            char => push(&mut cells, char),
        }
    }
    cells
}

fn push(cells: &mut [String], char: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(char);
    }
}
