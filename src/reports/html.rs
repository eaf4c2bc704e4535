//! The report as one HTML file: no script, no remote asset, no font; readable on paper and on a telephone.
//!
//! Markup is in `templates/`, geometry of the charts in `charts`, what a reader may see in `edition`. Every value goes
//! through the escaper below, which `askama.toml` puts in the place of askama's own. The content security policy allows
//! the one style sheet by its hash and nothing else.

mod app;
mod charts;
mod management;
mod overview;
mod page;
mod privacy;
mod sections;
mod signals;

use std::{fmt, io};

use askama::Template as _;
use askama::filters::{Escaper, Html};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::{Edition, Renderer, Report};
use crate::model::Untrusted;

pub(super) static RENDERER: Renderer = Renderer {
    name: "html",
    media_type: "text/html; charset=utf-8",
    extension: "html",
    write,
};

pub(super) const STYLE: &str = include_str!("templates/report.css");

fn write(report: &Report, edition: Edition, out: &mut dyn io::Write) -> io::Result<()> {
    let page = page::Page::new(report, edition, STYLE, policy());
    // A writer of its own: `write_into` wants a sized one.
    page.write_into(&mut io::BufWriter::new(out))
}

/// Nothing may be loaded, run or sent; the style sheet is known by its hash.
pub(super) fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

/// The encoder of every HTML template: characters that steer a line become visible, markup becomes text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown;

impl Escaper for Shown {
    fn write_escaped_str<W: fmt::Write>(&self, dest: W, string: &str) -> fmt::Result {
        Html.write_escaped_str(dest, &Untrusted::from(string).shown())
    }
}
