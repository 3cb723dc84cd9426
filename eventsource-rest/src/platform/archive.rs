//! Files of a zip archive within the program, served without unpacking them.
//!
//! A deflated file of a zip becomes a gzip (RFC 1952) with another header and trailer, and every
//! browser accepts gzip.

/// File of a zip archive.
pub(crate) struct ZipEntry {
    /// Path within the archive.
    pub(crate) name: String,
    /// Whether it is compressed; otherwise it is stored as it is.
    pub(crate) deflated: bool,
    /// Bytes in the archive.
    data: &'static [u8],
    /// Checksum of the unpacked file.
    crc: [u8; 4],
    /// Length of the unpacked file.
    length: [u8; 4],
}

/// Signature of the record at the end of an archive.
const END: [u8; 4] = *b"PK\x05\x06";
/// Signature of an entry of the directory.
const ENTRY: [u8; 4] = *b"PK\x01\x02";

impl ZipEntry {
    /// Reads all files; none if the bytes are not an archive.
    pub(crate) fn read_all(archive: &'static [u8]) -> Vec<Self> {
        Self::directory(archive).unwrap_or_default()
    }

    /// Reads the directory at the end of the archive.
    fn directory(archive: &'static [u8]) -> Option<Vec<Self>> {
        let end = archive.windows(4).rposition(|word| word == END)?;
        let mut at = read_number(archive, end + 16, 4)?;
        let mut members = Vec::new();
        while archive.get(at..at + 4)? == ENTRY {
            let (name_length, extra, comment) = (
                read_number(archive, at + 28, 2)?,
                read_number(archive, at + 30, 2)?,
                read_number(archive, at + 32, 2)?,
            );
            let name = archive.get(at + 46..at + 46 + name_length)?;
            let local = read_number(archive, at + 42, 4)?;
            // The local header of the file repeats the lengths, which may differ.
            let data = local
                + 30
                + read_number(archive, local + 26, 2)?
                + read_number(archive, local + 28, 2)?;
            members.push(Self {
                name: String::from_utf8_lossy(name).into_owned(),
                deflated: read_number(archive, at + 10, 2)? == 8,
                data: archive.get(data..data + read_number(archive, at + 20, 4)?)?,
                crc: archive.get(at + 16..at + 20)?.try_into().ok()?,
                length: archive.get(at + 24..at + 28)?.try_into().ok()?,
            });
            at += 46 + name_length + extra + comment;
        }
        Some(members)
    }

    /// Returns the file as gzip if it is deflated, or else as it is.
    pub(crate) fn to_gzip_or_stored(&self) -> Vec<u8> {
        if !self.deflated {
            return self.data.to_vec();
        }
        let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
        [&head[..], self.data, &self.crc, &self.length].concat()
    }
}

/// Reads a little-endian number.
fn read_number(archive: &[u8], at: usize, bytes: usize) -> Option<usize> {
    let bytes = archive.get(at..at + bytes)?.iter().rev();
    Some(bytes.fold(0, |number, byte| number << 8 | usize::from(*byte)))
}
