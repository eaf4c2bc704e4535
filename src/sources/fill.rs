//! Reading into the room that a buffer has left, which need not be zeroed first.

use std::fs::File;
use std::io;

use rustix::buffer::spare_capacity;

/// A place that bytes are read from, in order.
pub(crate) trait Fill {
    /// Appends what one read gives, at most what the buffer has room for; 0 is the end. The buffer has room.
    fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize>;
}

impl Fill for File {
    fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        Ok(rustix::io::read(&*self, spare_capacity(buffer))?)
    }
}

impl Fill for &[u8] {
    fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let room = buffer.capacity() - buffer.len();
        let taken = self.split_off(..room.min(self.len())).unwrap_or_default();
        buffer.extend_from_slice(taken);
        Ok(taken.len())
    }
}

#[cfg(test)]
impl Fill for io::Cursor<Vec<u8>> {
    fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let mut rest = self
            .get_ref()
            .get(usize::try_from(self.position()).unwrap_or(usize::MAX)..)
            .unwrap_or_default();
        let length = rest.fill(buffer)?;
        self.set_position(self.position() + length as u64);
        Ok(length)
    }
}

/// Fills a buffer up to so many bytes; whether what there is ended before.
pub(crate) fn fill_up(
    buffer: &mut Vec<u8>,
    length: usize,
    from: &mut dyn Fill,
) -> io::Result<bool> {
    buffer.reserve_exact(length.saturating_sub(buffer.len()));
    while buffer.len() < length {
        match from.fill(buffer) {
            Ok(0) => return Ok(true),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}
