//! What a shell prints before a command: how long it is, and the host that it names.

use super::command::is_command;

/// The longest prompt, in bytes.
const LONGEST: usize = 160;

/// How long the prompt is that a line starts with, in bytes, the blanks behind it included.
pub(crate) fn prompt(line: &str) -> Option<usize> {
    let first = *line.as_bytes().first()?;
    // Most lines start with none.
    if first == b' ' || first == b'\t' {
        return None;
    }
    if first == 0x1b || (line.contains('\u{1b}') && line.len() < 4 * LONGEST) {
        return coloured(line);
    }
    let start = environment(line);
    let end = plain(&line[start..])? + start;
    let blanks = line[end..].len() - line[end..].trim_start_matches(' ').len();
    Some(end + blanks)
}

/// How long root's prompt `# ` is where a command follows, which a comment is not.
pub(super) fn root(line: &str) -> Option<usize> {
    let typed = line.strip_prefix("# ")?;
    let typed = typed.trim_start();
    is_command(typed).then_some(line.len() - typed.len())
}

/// A prompt with colours: as it is without them.
fn coloured(line: &str) -> Option<usize> {
    let mut shown = String::new();
    let mut places = Vec::new();
    let mut characters = line.char_indices();
    while let Some((at, next)) = characters.next() {
        if next != '\u{1b}' {
            shown.push(next);
            places.extend(std::iter::repeat_n(at, next.len_utf8()));
            continue;
        }
        for (_, next) in characters.by_ref() {
            if next.is_ascii_alphabetic() {
                break;
            }
        }
    }
    let length = prompt(&shown)?;
    Some(places.get(length).copied().unwrap_or(line.len()))
}

/// `(name) ` of a virtual environment.
fn environment(line: &str) -> usize {
    let Some(inside) = line.strip_prefix('(') else {
        return 0;
    };
    let Some(end) = inside.find(") ").filter(|end| *end > 0 && *end < 40) else {
        return 0;
    };
    let is_name = |next: char| next.is_ascii_alphanumeric() || "_.-".contains(next);
    if inside[..end].chars().all(is_name) {
        end + 3
    } else {
        0
    }
}

/// Where the prompt of a line ends, the blanks behind it left out.
fn plain(line: &str) -> Option<usize> {
    let (word, rest) = line
        .split_once(' ')
        .map_or((line, None), |(word, rest)| (word, Some(rest)));
    let end = word.len();
    let typed = |at: usize| is_command(line[at..].trim_start());
    if word == "$" || word == "\u{276f}" {
        return Some(end);
    }
    if word == "%" {
        return typed(end).then_some(end);
    }
    if word == "\u{279c}" {
        // A directory stands between the arrow and the command.
        let behind = rest?.trim_start();
        let directory = behind.split(' ').next()?;
        let at = line.len() - behind.len() + directory.len();
        return typed(at).then_some(at);
    }
    if line.starts_with('[') {
        return bracketed(line);
    }
    if line.starts_with("PS ") || line.get(1..3) == Some(":\\") {
        let at = line.find('>').filter(|at| *at < LONGEST)? + 1;
        return line[..at].contains('\\').then_some(at);
    }
    if word.len() > LONGEST {
        return None;
    }
    if let Some((user, place)) = word.split_once('@') {
        return user_at_host(line, user, place, rest);
    }
    let closed = word.ends_with(['$', '#']);
    // A shell in a container, as BusyBox and bash print it.
    let directory = word == "~" || (word.starts_with('/') && !word[1..].contains(['$', '#', '*']));
    if directory
        && let Some(rest) = rest
        && (rest.starts_with("# ") || matches!(rest, "#" | "$") || rest.starts_with("$ "))
    {
        return Some(end + 2);
    }
    if closed && (word.starts_with("bash-") || word.starts_with("sh-") || word.starts_with('~')) {
        return Some(end);
    }
    if closed && let Some((host, path)) = word.split_once(':') {
        return (is_host(host) && path.starts_with(['~', '/'])).then_some(end);
    }
    let bare = word.strip_suffix(['$', '#', '>']).is_some_and(is_host);
    (bare && typed(end)).then_some(end)
}

/// `[user@host directory]$`, with or without a blank behind it.
fn bracketed(line: &str) -> Option<usize> {
    let inside = &line[..line.floor_char_boundary(LONGEST)];
    let close = inside.find(']')?;
    let sign = line[close + 1..].trim_start_matches(' ');
    if !sign.starts_with(['$', '#']) || !inside[1..close].contains(['@', ' ', '/', '~']) {
        return None;
    }
    let at = line.len() - sign.len() + 1;
    let rest = &line[at..];
    let follows = rest.is_empty() || rest.starts_with(' ') || is_command(rest);
    let named = inside[..close].contains('@') || is_command(rest.trim_start());
    (follows && named).then_some(at)
}

/// `user@host:path$`, `user@host path %`, and without a blank before a command.
fn user_at_host(line: &str, user: &str, place: &str, rest: Option<&str>) -> Option<usize> {
    let is_name = |next: char| next.is_alphanumeric() || "_.-".contains(next);
    if user.is_empty() || place.is_empty() || !user.chars().all(is_name) {
        return None;
    }
    let word = user.len() + 1 + place.len();
    if place.ends_with(['$', '#', '%', '>']) {
        return Some(word);
    }
    if let Some(at) = place.find(['$', '#'])
        && is_command(&line[user.len() + 1 + at + 1..])
    {
        return Some(user.len() + 1 + at + 1);
    }
    // The directory is a word of its own, or the sign is.
    let mut at = word;
    for part in rest?.split(' ').take(3) {
        at += 1 + part.len();
        if matches!(part, "$" | "#" | "%" | ">") {
            return Some(at);
        }
    }
    None
}

fn is_host(name: &str) -> bool {
    !name.is_empty()
        && name.len() < 64
        && name
            .chars()
            .all(|next| next.is_ascii_alphanumeric() || matches!(next, '-' | '.' | '_'))
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
}

/// The host that a prompt names.
pub(super) fn host(prompt: &str) -> Option<String> {
    let behind = match prompt.split_once('@') {
        Some((_, behind)) => behind,
        None => prompt
            .split_once(":~")
            .or_else(|| prompt.split_once(":/"))
            .map(|(host, _)| host)?,
    };
    let host: String = behind
        .chars()
        .take_while(|next| next.is_ascii_alphanumeric() || matches!(next, '-' | '.' | '_'))
        .collect();
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain("$ ", Some("$ "))]
    #[case::zsh("me@lab ~ % kubectl get pods", Some("me@lab ~ % "))]
    #[case::debian("root@lab-1:/etc/cni# ls", Some("root@lab-1:/etc/cni# "))]
    #[case::red_hat("[core@lab-1 ~]$ oc get nodes", Some("[core@lab-1 ~]$ "))]
    #[case::no_blank("[root@lab-1 ~]#ls -l", Some("[root@lab-1 ~]#"))]
    #[case::no_blank_of_debian("root@lab-1:~#ls -l", Some("root@lab-1:~#"))]
    #[case::no_user("lab-1:~$ ip route", Some("lab-1:~$ "))]
    #[case::home("~$ ip route", Some("~$ "))]
    #[case::environment("(venv) me@lab:~$ ip route", Some("(venv) me@lab:~$ "))]
    #[case::container("/ # ip route", Some("/ # "))]
    #[case::directory("/app $ ip route", Some("/app $ "))]
    #[case::bash("bash-5.1# ip route", Some("bash-5.1# "))]
    #[case::router("lab-1# ip route", Some("lab-1# "))]
    #[case::fedora_core("core@lab-1 ~ $ ip route", Some("core@lab-1 ~ $ "))]
    #[case::windows("PS C:\\lab> kubectl get pods", Some("PS C:\\lab> "))]
    #[case::coloured(
        "\u{1b}[1;32mme@lab\u{1b}[0m:~$ ip route",
        Some("\u{1b}[1;32mme@lab\u{1b}[0m:~$ ")
    )]
    #[case::command("kubectl get pods", None)]
    #[case::comment("# the next step", None)]
    #[case::array("[\"a\", \"b\"]", None)]
    #[case::log("[INFO] all is well", None)]
    #[case::mail("me@lab.example wrote: hello", None)]
    #[case::path("/etc/cni/net.d", None)]
    fn each_prompt(#[case] line: &str, #[case] expected: Option<&str>) {
        assert_eq!(prompt(line).map(|length| &line[..length]), expected);
    }

    #[rstest]
    #[case("me@lab-1:~$ ", Some("lab-1"))]
    #[case("lab-1:~$ ", Some("lab-1"))]
    #[case("$ ", None)]
    fn the_host_of_a_prompt(#[case] prompt: &str, #[case] expected: Option<&str>) {
        assert_eq!(host(prompt).as_deref(), expected);
    }

    #[test]
    fn a_comment_is_no_prompt_of_root() {
        assert_eq!(root("# kubectl get pods"), Some(2));
        assert_eq!(root("# the pods of the node"), None);
    }
}
