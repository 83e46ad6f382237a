//! Lines that something printed, by their looks: what no person types as a command.

/// The last word of what `kubectl` says that it did.
const DONE: [&str; 17] = [
    "created",
    "configured",
    "unchanged",
    "deleted",
    "patched",
    "labeled",
    "unlabeled",
    "annotated",
    "tainted",
    "untainted",
    "scaled",
    "edited",
    "replaced",
    "exposed",
    "cordoned",
    "uncordoned",
    "drained",
];

/// Whether a line in a block of commands was printed all the same.
pub(super) fn is_printed(line: &str) -> bool {
    if is_table_head(line) {
        return true;
    }
    let text = line.trim();
    let mut words = text.split_whitespace();
    let (Some(first), second) = (words.next(), words.next()) else {
        return false;
    };
    let Some(start) = first.chars().next() else {
        return false;
    };
    match start {
        // Groups and tests are typed; so are the ends of what a shell opens.
        '(' | '{' | '[' if second.is_some() => {
            return text.starts_with("{ \"")
                || text.ends_with([':', ','])
                || (start == '[' && !text.contains(" ]"));
        }
        '.' => return first.starts_with("...") && second.is_some(),
        '"' | '\'' => return !first[1..].starts_with(['$', '/', '.']),
        '(' | '#' | '$' | '/' | '~' | '_' | '!' | ':' | '`' => return false,
        '\\' => return first == "\\_",
        _ if start.is_ascii_lowercase() => {}
        _ if start.is_ascii_uppercase() => return !first.contains('='),
        _ if start == '\u{1a}' => return false,
        _ => return true,
    }
    // A folder runs nothing.
    if second.is_none() && first.ends_with('/') {
        return true;
    }
    let named = first.ends_with(':') && first.len() > 1;
    let last = text.split_whitespace().next_back().unwrap_or_default();
    let done = DONE.contains(&last) && text.split_whitespace().count() <= 6 && second.is_some();
    let route = matches!(
        first,
        "default" | "blackhole" | "unreachable" | "local" | "broadcast"
    ) && second.is_some_and(|word| matches!(word, "via" | "dev") || word.contains('.'));
    let listed = matches!(first, "total") && second.is_some_and(|word| word.parse::<u64>().is_ok());
    let mode = first.len() >= 10
        && first.starts_with(['d', 'l', 'c', 'b', 's', 'p'])
        && first
            .bytes()
            .skip(1)
            .take(9)
            .all(|byte| b"rwxstST-".contains(&byte));
    let address = matches!(
        first,
        "inet" | "inet6" | "link/ether" | "link/none" | "valid_lft"
    );
    named || done || route || listed || mode || address || is_pod_row(text)
}

/// A row of `kubectl get pods`, or of another table with a column of `READY`.
fn is_pod_row(text: &str) -> bool {
    let mut words = text.split_whitespace().skip(1);
    let ready = |word: &str| {
        word.split_once('/').is_some_and(|(ready, all)| {
            let number =
                |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            number(ready) && number(all)
        })
    };
    let (first, second) = (words.next(), words.next());
    first.is_some_and(ready)
        || second.is_some_and(ready)
        || matches!(
            first,
            Some("Ready" | "NotReady" | "Ready,SchedulingDisabled")
        )
}

/// Whether a line is the head of a table as kubectl prints it: columns in capitals.
pub(super) fn is_table_head(line: &str) -> bool {
    if !line.starts_with(|first: char| first.is_ascii_uppercase()) {
        return false;
    }
    let mut columns = line
        .split("  ")
        .map(str::trim)
        .filter(|word| !word.is_empty());
    let is_column = |word: &str| {
        word.chars()
            .all(|next| next.is_ascii_uppercase() || next.is_ascii_digit() || " -()".contains(next))
    };
    columns.next().is_some_and(is_column)
        && columns.next().is_some_and(is_column)
        && columns.all(is_column)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("NAME   READY   STATUS", true)]
    #[case("web-1   1/1   Running   0   3m", true)]
    #[case("kube-system   dns-1   1/1   Running", true)]
    #[case("worker   Ready   <none>   3m   v1.30.0", true)]
    #[case("namespace/lab created", true)]
    #[case("default via 192.0.2.1 dev eth0", true)]
    #[case("192.0.2.0/24 dev eth0", true)]
    #[case("--iface=\"\": the interface", true)]
    #[case("\\_ /usr/bin/thing", true)]
    #[case("    inet 192.0.2.7/24 scope global eth0", true)]
    #[case("drwxr-xr-x 2 root root 4096", true)]
    #[case("Starting tools (Vendor) set", true)]
    #[case("error: no such thing", true)]
    #[case("\"auths\": {},", true)]
    #[case("lab/", true)]
    #[case("nerdctl run lab", false)]
    #[case("IMAGE=lab/tool:1 make", false)]
    #[case("./install.sh", false)]
    #[case("[ -f a ] && echo b", false)]
    #[case("( cd a && make )", false)]
    #[case("\"$TOOL\" get nodes", false)]
    fn what_no_person_types(#[case] line: &str, #[case] expected: bool) {
        assert_eq!(is_printed(line), expected);
    }
}
