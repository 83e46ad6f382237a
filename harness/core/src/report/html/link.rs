//! Links to the files of the run's folder.

use serde::Serialize;

use crate::report::text::append;

/// A link to a file beside the page.
#[derive(Serialize)]
pub(super) struct Link<'record> {
    href: String,
    name: &'record str,
}

impl<'record> Link<'record> {
    pub(super) fn all(paths: &'record [String]) -> Vec<Self> {
        paths.iter().map(|path| Self::new(path)).collect()
    }

    /// A link that stays beside the page: `./` before the path, and everything special percent-encoded, so that no path
    /// can be read as another scheme.
    fn new(path: &'record str) -> Self {
        let mut href = "./".to_owned();
        for byte in path.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
                href.push(char::from(byte));
            } else {
                append(&mut href, format_args!("%{byte:02X}"));
            }
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        Self { href, name }
    }
}
