//! Mail relays that refuse, fall silent and hang up at every stage of a conversation.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::desk::{Desk, Ledger};
use super::{Behaviour, End};

const CHANNEL: &str = "kind = \"email\"\nrelay = \"127.0.0.1:PORT\"\ntls = \"none\"\nfrom = \"gnomon@example.org\"\nto = [\"soc@example.org\"]\n";

/// What the relay answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Connected,
    Hello,
    Sender,
    Recipient,
    Data,
    /// The first line of the mail.
    Middle,
    /// The dot behind the mail.
    End,
    Quit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Away,
    HangUp,
    Say(&'static str),
    /// The right answer, after some seconds.
    Late(u64),
    Silent,
    /// A letter a second.
    Dribble,
    /// Takes the mail, and then.
    TakeAndHangUp,
    TakeAndSay(&'static str),
}

const DOINGS: [(At, How, End); 31] = [
    (At::Connected, How::Away, End::Delivered),
    (At::Connected, How::HangUp, End::Delivered),
    (At::Hello, How::HangUp, End::Delivered),
    (At::Sender, How::HangUp, End::Delivered),
    (At::Recipient, How::HangUp, End::Delivered),
    (At::Data, How::HangUp, End::Delivered),
    (At::Middle, How::HangUp, End::Delivered),
    (At::End, How::HangUp, End::Delivered),
    (At::End, How::TakeAndHangUp, End::Delivered),
    (At::Connected, How::Say("421 too busy"), End::Delivered),
    (At::Connected, How::Say("554 no mail here"), End::Dead),
    (At::Connected, How::Say("HTTP/1.1 400 No"), End::Delivered),
    (At::Hello, How::Say("421 shutting down"), End::Delivered),
    (At::Hello, How::Say("550 not you"), End::Dead),
    (At::Sender, How::Say("451 not now"), End::Delivered),
    (At::Sender, How::Say("550 not from there"), End::Dead),
    (
        At::Recipient,
        How::Say("450 4.2.0 greylisted, come back"),
        End::Delivered,
    ),
    (At::Recipient, How::Say("452 mailbox full"), End::Delivered),
    (
        At::Recipient,
        How::Say("550 nobody of that name"),
        End::Dead,
    ),
    (At::Data, How::Say("451 not now"), End::Delivered),
    (At::Data, How::Say("554 no valid recipients"), End::Dead),
    (At::End, How::Say("452 no room"), End::Delivered),
    (At::End, How::Say("554 looks like spam"), End::Dead),
    (At::End, How::TakeAndSay("451 lost count"), End::Delivered),
    (At::End, How::Late(3), End::Delivered),
    (At::Connected, How::Late(3), End::Delivered),
    (At::Quit, How::HangUp, End::Delivered),
    (At::Quit, How::Silent, End::Delivered),
    (At::Connected, How::Silent, End::Delivered),
    (At::Connected, How::Dribble, End::Delivered),
    (At::End, How::Silent, End::Delivered),
];

pub(super) fn behaviours() -> Vec<Behaviour> {
    let all = DOINGS.iter().map(|(at, how, end)| {
        let (at, how) = (*at, *how);
        let waits = matches!(how, How::Silent | How::Dribble) && at != At::Quit;
        Behaviour {
            what: format!("email {at:?} {how:?}"),
            end: *end,
            denies: matches!(how, How::TakeAndHangUp | How::TakeAndSay(_)),
            is_slow: waits,
            receiver: Box::new(move |_| Some(Box::new(desk(at, how)))),
        }
    });
    all.collect()
}

/// A relay that behaves, and offers nothing but mail in the clear.
pub(super) fn relay() -> Desk {
    desk(At::Quit, How::Late(0))
}

fn desk(at: At, how: How) -> Desk {
    let clerk = move |stream: TcpStream, ledger: &Ledger| converse(stream, ledger, at, how);
    Desk::new(CHANNEL, how == How::Away, Arc::new(clerk))
}

fn converse(stream: TcpStream, ledger: &Ledger, bad_at: At, how: How) -> io::Result<()> {
    let mut to = stream.try_clone()?;
    let is_bad = ledger.begins_badly();
    // Whether the conversation goes on.
    let mut answer = |at: At, right: &str| -> io::Result<bool> {
        let say = |to: &mut TcpStream, text: &str| to.write_all(format!("{text}\r\n").as_bytes());
        if !is_bad || at != bad_at {
            return say(&mut to, right).map(|()| true);
        }
        match how {
            How::Away | How::HangUp | How::TakeAndHangUp => return Ok(false),
            How::Say(text) | How::TakeAndSay(text) => say(&mut to, text)?,
            How::Late(secs) => {
                thread::sleep(Duration::from_secs(secs));
                say(&mut to, right)?;
            }
            How::Silent => thread::sleep(Duration::from_secs(45)),
            How::Dribble => {
                for letter in "220 a relay that says very slowly that it is one".bytes() {
                    to.write_all(&[letter])?;
                    thread::sleep(Duration::from_secs(1));
                }
            }
        }
        Ok(true)
    };
    if !answer(At::Connected, "220 relay.example.org")? {
        return Ok(());
    }
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next().transpose()? {
        let goes_on = match line.split([' ', ':']).next().unwrap_or_default() {
            "MAIL" => answer(At::Sender, "250 ok")?,
            "RCPT" => answer(At::Recipient, "250 ok")?,
            "DATA" => {
                let goes_on = answer(At::Data, "354 go on")?;
                if goes_on && !(is_bad && bad_at == At::Data) {
                    let stays = !(is_bad && bad_at == At::Middle);
                    let Some(id) = mail(&mut lines, stays)? else {
                        return Ok(());
                    };
                    let takes = !matches!(how, How::Say(_) | How::HangUp | How::Silent);
                    if takes || !is_bad || bad_at != At::End {
                        ledger.takes(&id);
                    }
                    answer(At::End, "250 taken")?
                } else {
                    goes_on
                }
            }
            "QUIT" => {
                answer(At::Quit, "221 bye")?;
                false
            }
            _ => answer(At::Hello, "250 relay.example.org")?,
        };
        if !goes_on {
            break;
        }
    }
    Ok(())
}

/// Reads a mail up to its dot; its id, or `None` if one of the two is gone before.
fn mail(
    lines: &mut impl Iterator<Item = io::Result<String>>,
    stays: bool,
) -> io::Result<Option<String>> {
    let mut id = String::new();
    while let Some(line) = lines.next().transpose()? {
        if !stays {
            return Ok(None);
        }
        if line == "." {
            return Ok(Some(id));
        }
        if let Some(rest) = line.strip_prefix("Message-ID: ") {
            id = rest.to_owned();
        }
    }
    Ok(None)
}
