//! The files of a zip archive that is part of the program, sent as they are packed: what a zip
//! holds deflated is, with another head and tail, a gzip (RFC 1952), which every browser takes.

/// A file in the archive.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) deflated: bool,
    data: &'static [u8],
    /// Of the file as it was; the archive has it, so nothing is unpacked to find it.
    crc: [u8; 4],
    length: [u8; 4],
}

const END: [u8; 4] = *b"PK\x05\x06";
const ENTRY: [u8; 4] = *b"PK\x01\x02";

impl Member {
    /// All that can be read; none of what is no archive.
    pub(crate) fn all(archive: &'static [u8]) -> Vec<Self> {
        Self::directory(archive).unwrap_or_default()
    }

    fn directory(archive: &'static [u8]) -> Option<Vec<Self>> {
        let end = archive.windows(4).rposition(|word| word == END)?;
        let mut at = number(archive, end + 16, 4)?;
        let mut members = Vec::new();
        while archive.get(at..at + 4)? == ENTRY {
            let (name_length, extra, comment) = (
                number(archive, at + 28, 2)?,
                number(archive, at + 30, 2)?,
                number(archive, at + 32, 2)?,
            );
            let name = archive.get(at + 46..at + 46 + name_length)?;
            let local = number(archive, at + 42, 4)?;
            // The head of the file itself has names of its own lengths.
            let data =
                local + 30 + number(archive, local + 26, 2)? + number(archive, local + 28, 2)?;
            members.push(Self {
                name: String::from_utf8_lossy(name).into_owned(),
                deflated: number(archive, at + 10, 2)? == 8,
                data: archive.get(data..data + number(archive, at + 20, 4)?)?,
                crc: archive.get(at + 16..at + 20)?.try_into().ok()?,
                length: archive.get(at + 24..at + 28)?.try_into().ok()?,
            });
            at += 46 + name_length + extra + comment;
        }
        Some(members)
    }

    /// The file as gzip, if it is deflated, or as it is.
    pub(crate) fn as_gzip(&self) -> Vec<u8> {
        if !self.deflated {
            return self.data.to_vec();
        }
        let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
        [&head[..], self.data, &self.crc, &self.length].concat()
    }
}

/// Little-endian.
fn number(archive: &[u8], at: usize, bytes: usize) -> Option<usize> {
    let bytes = archive.get(at..at + bytes)?.iter().rev();
    Some(bytes.fold(0, |number, byte| number << 8 | usize::from(*byte)))
}
