//! Texts by number, so that tables of many of them compare no letters.

use std::sync::Arc;

use hashbrown::HashMap;

/// After so many pieces of memory the known ones are forgotten and met again.
const PIECES: usize = 1 << 18;

/// The number of a text in its [`Symbols`]; the default is the empty text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Symbol(u32);

impl Symbol {
    pub const EMPTY: Self = Self(0);
}

/// Texts, each once, numbered in the order in which they were met.
#[derive(Debug)]
pub struct Symbols {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, Symbol>,
    /// Pieces of memory by address: a text that is met again is mostly the same piece, which is found without a look into it.
    pieces: HashMap<usize, Symbol>,
    /// The same pieces, held so that no other text comes to lie there.
    held: Vec<Arc<str>>,
}

impl Default for Symbols {
    fn default() -> Self {
        let mut new = Self {
            texts: Vec::new(),
            numbers: HashMap::new(),
            pieces: HashMap::new(),
            held: Vec::new(),
        };
        new.number(&Arc::from(""));
        new
    }
}

impl Symbols {
    /// The number of a text.
    pub fn of(&mut self, text: &Arc<str>) -> Symbol {
        let address = Arc::as_ptr(text).cast::<u8>().addr();
        if let Some(symbol) = self.pieces.get(&address) {
            return *symbol;
        }
        let symbol = self.number(text);
        if self.held.len() >= PIECES {
            self.pieces.clear();
            self.held.clear();
        }
        self.pieces.insert(address, symbol);
        self.held.push(Arc::clone(text));
        symbol
    }

    fn number(&mut self, text: &Arc<str>) -> Symbol {
        let texts = &mut self.texts;
        *self.numbers.entry_ref(text).or_insert_with(|| {
            texts.push(Arc::clone(text));
            Symbol(u32::try_from(texts.len() - 1).unwrap_or(u32::MAX))
        })
    }

    /// The text of a number.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> &str {
        let text = self.texts.get(symbol.0 as usize);
        text.map_or("", |text| text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_number_wherever_it_lies() {
        let mut symbols = Symbols::default();
        let (one, same, other) = (Arc::from("a"), Arc::from("a"), Arc::from("b"));
        let number = symbols.of(&one);
        assert_eq!(symbols.of(&same), number);
        assert_eq!(symbols.of(&one), number);
        assert_ne!(symbols.of(&other), number);
        assert_eq!(symbols.text(number), "a");
        assert_eq!(symbols.of(&Arc::from("")), Symbol::EMPTY);
        assert_eq!(symbols.text(Symbol::EMPTY), "");
    }

    #[test]
    fn memory_that_others_let_go_is_no_other_text() {
        let mut symbols = Symbols::default();
        for number in 0..10_000 {
            // Mostly at the address of the one before, were it not held.
            let text: Arc<str> = format!("{number:08}").into();
            let symbol = symbols.of(&text);
            assert_eq!(symbols.text(symbol), &*text);
        }
    }
}
