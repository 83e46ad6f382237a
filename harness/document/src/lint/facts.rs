//! What is known of the readers of CNI configurations, and how addresses and names stand in a text.

use std::net::Ipv4Addr;
use std::ops::Range;

use ipnet::Ipv4Net;

/// Who reads CNI configurations from a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// `/etc/cni/net.d`
    Runtime,
    /// `/etc/cni/multus/net.d`
    Multus,
}

impl Reader {
    /// The reader of a file, by its path.
    pub(super) fn of(path: &str) -> Option<Self> {
        let (directory, _) = path.rsplit_once('/')?;
        match directory {
            "/etc/cni/net.d" => Some(Self::Runtime),
            "/etc/cni/multus/net.d" => Some(Self::Multus),
            _ => None,
        }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Runtime => "CRI-O",
            Self::Multus => "Multus",
        }
    }
}

/// The endings of file names that libcni, and so CRI-O and Multus, read.
pub(super) const EXTENSIONS: [&str; 3] = ["conf", "conflist", "json"];

/// Whether a reader loads a file of this name.
pub(super) fn is_read(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(stem, extension)| !stem.is_empty() && EXTENSIONS.contains(&extension))
}

/// A file's name without its folders.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Each run of signs that a file name consists of, with its bytes in the text.
pub(super) fn tokens(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut tokens = Vec::new();
    let mut start = None;
    for (at, next) in text.char_indices().chain([(text.len(), ' ')]) {
        let part = next.is_ascii_alphanumeric() || matches!(next, '-' | '_' | '.' | '/');
        match (part, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let token = text[from..at].trim_end_matches('.');
                if !token.is_empty() {
                    tokens.push((from..from + token.len(), token));
                }
                start = None;
            }
            _ => {}
        }
    }
    tokens
}

/// Each IPv4 address in a text, with its bytes and the prefix length behind it.
pub(super) fn addresses(text: &str) -> Vec<(Range<usize>, Ipv4Addr, Option<u8>)> {
    tokens(text)
        .into_iter()
        .filter_map(|(span, token)| {
            let (address, length) = match token.split_once('/') {
                Some((address, length)) => (address, length.parse().ok()),
                None => (token, None),
            };
            Some((span, address.parse().ok()?, length))
        })
        .collect()
}

/// A network in one of its usual forms; a plain address is a network of one.
pub(super) fn network(text: &str) -> Option<Ipv4Net> {
    text.parse::<Ipv4Net>()
        .ok()
        .map(|network| network.trunc())
        .or_else(|| Some(Ipv4Net::from(text.parse::<Ipv4Addr>().ok()?)))
}

/// An URL in a text, with its bytes.
pub(super) fn urls(text: &str) -> Vec<(Range<usize>, &str)> {
    ["https://", "http://"]
        .iter()
        .flat_map(|scheme| text.match_indices(scheme))
        .map(|(at, _)| {
            let rest = &text[at..];
            let end = rest
                .find(|next: char| next.is_whitespace() || "\"'`<>)]}|,".contains(next))
                .unwrap_or(rest.len());
            let url = rest[..end].trim_end_matches(['.', ';']);
            (at..at + url.len(), url)
        })
        .collect()
}

/// The version, such as `v3.25.0`, that a piece of a path or a tag is.
pub(super) fn is_version(text: &str) -> bool {
    let digits = text.strip_prefix('v').unwrap_or(text);
    digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.contains('.')
        && digits
            .split(['.', '-', '+'])
            .next()
            .is_some_and(|first| first.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What is left of a name without the signs that tools drop or add.
pub(super) fn letters(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|next| next.to_ascii_lowercase())
        .collect()
}
