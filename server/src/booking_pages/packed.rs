//! A stencil compressed beforehand, so that nobody's page is compressed twice.
//!
//! A gzip file is a run of blocks (RFC 1951, 1952). The text between the holes
//! is compressed once; what goes into a hole is put between as it is, in a
//! stored block. Compressed text may refer back to anything up to 32 KB before
//! it, by distance, so every hole has the length it was packed for; and it
//! never refers to what is in a hole, because the holes were packed full of
//! NUL, which no page contains.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use super::stencil::{Stencil, Told};

/// Compressed, no name, no time, made on Unix.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
/// A stored block of nothing, and the last.
const LAST_BLOCK: [u8; 5] = [1, 0, 0, 0xff, 0xff];

/// A stencil's text, compressed.
#[derive(Debug)]
pub struct Packed {
    bytes: Vec<u8>,
    /// Where in `bytes` each hole is, and how long what goes into it.
    holes: Vec<(usize, u16)>,
}

impl Packed {
    /// Compresses a stencil whose holes will be as long as those of `sample`.
    pub fn pack(stencil: &Stencil, sample: &Told) -> Option<Self> {
        let mut compress = Compress::new(Compression::best(), false);
        let (mut bytes, mut holes) = (Vec::new(), Vec::new());
        let mut lengths = stencil.holes().map(|hole| sample.at(hole).len());
        for stretch in stencil.stretches() {
            if stretch.contains('\0') {
                return None;
            }
            press(&mut compress, stretch.as_bytes(), &mut bytes)?;
            if let Some(length) = lengths.next() {
                holes.push((bytes.len(), u16::try_from(length).ok()?));
                press(&mut compress, &vec![0; length], &mut Vec::new())?;
            }
        }
        bytes.shrink_to_fit();
        Some(Self { bytes, holes })
    }

    /// The gzip file of what `stencil`, which this is packed from, is when
    /// filled; none if something is not as long as the sample was.
    pub fn fill(&self, stencil: &Stencil, told: &Told) -> Option<Vec<u8>> {
        let mut file = Vec::with_capacity(
            self.bytes.len() + self.holes.iter().map(|(_, length)| usize::from(*length) + 5).sum::<usize>() + 32,
        );
        file.extend(HEADER);
        let mut check = Crc::new();
        let mut from = 0;
        for ((stretch, hole), (to, length)) in stencil.stretches().zip(stencil.holes()).zip(&self.holes) {
            let told = told.at(hole).as_bytes();
            if told.len() != usize::from(*length) {
                return None;
            }
            check.update(stretch.as_bytes());
            check.update(told);
            file.extend_from_slice(&self.bytes[from..*to]);
            file.push(0);
            file.extend(length.to_le_bytes());
            file.extend((!length).to_le_bytes());
            file.extend_from_slice(told);
            from = *to;
        }
        check.update(stencil.stretches().last()?.as_bytes());
        file.extend_from_slice(&self.bytes[from..]);
        file.extend(LAST_BLOCK);
        file.extend(check.sum().to_le_bytes());
        file.extend(check.amount().to_le_bytes());
        Some(file)
    }

    pub fn bytes(&self) -> usize {
        self.bytes.len() + size_of_val(self.holes.as_slice())
    }
}

/// Compresses `text` up to a whole byte, so that something else can follow.
fn press(compress: &mut Compress, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let end = compress.total_in() + text.len() as u64;
    if text.is_empty() {
        return Some(());
    }
    loop {
        out.reserve(text.len() + 64);
        let done = usize::try_from(text.len() as u64 - (end - compress.total_in())).ok()?;
        let status = compress.compress_vec(&text[done..], out, FlushCompress::Sync).ok()?;
        // With room left, everything has come out.
        if status == Status::Ok && compress.total_in() == end && out.len() < out.capacity() {
            return Some(());
        }
        if status != Status::Ok {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use app::caller::Template;
    use flate2::read::GzDecoder;

    use super::*;

    fn unpacked(file: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        GzDecoder::new(file).read_to_end(&mut text).unwrap();
        text
    }

    fn told(letter: &str) -> Told {
        Told { session: letter.repeat(200), nonce: letter.repeat(22), offers: vec![] }
    }

    #[test]
    fn a_packed_stencil_unpacks_to_the_filled_one_whatever_is_told() {
        let template = Template::new();
        for times in [0, 1, 2, 40, 400] {
            let made: String = (0..times)
                .map(|n| format!("<li>{}</li><b>{n}</b>{}{}", template.token(), template.nonce(), template.token()))
                .collect();
            let stencil = Stencil::cut(&template, &format!("<ul>{made}</ul>")).unwrap();
            let packed = Packed::pack(&stencil, &told("s")).unwrap();
            for letter in ["a", "<", "\0"] {
                let file = packed.fill(&stencil, &told(letter)).unwrap();
                assert_eq!(unpacked(&file), stencil.fill(&told(letter)), "{times} times {letter:?}");
            }
        }
    }

    #[test]
    fn what_is_of_another_length_is_not_packed() {
        let template = Template::new();
        let stencil = Stencil::cut(&template, &template.token()).unwrap();
        let packed = Packed::pack(&stencil, &told("s")).unwrap();
        assert_eq!(packed.fill(&stencil, &Told { session: "short".into(), ..told("s") }), None);
    }
}
