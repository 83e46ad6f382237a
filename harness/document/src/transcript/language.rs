//! What the info string of a fence says of its lines.

/// What a block's language makes of its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// A session: what is typed at prompts, and what was printed.
    Session,
    /// A shell's script.
    Shell,
    /// What was printed, and what is typed into a shell that is none of POSIX' kind: neither is read as commands.
    Printed,
    /// A file: configuration or another language's program.
    Data,
    /// It says nothing.
    Unknown,
}

impl Language {
    /// Of `bash title="Expected output"`, `{.console}`, `sh,ignore`, ...
    pub(crate) fn of(info: &str) -> Self {
        let lower = info.to_lowercase();
        let name = lower
            .trim_start_matches(['{', '.', ' '])
            .split([' ', ',', '{', '}', ':', '\t'])
            .next()
            .unwrap_or_default();
        let name = name.strip_prefix("language-").unwrap_or(name);
        let language = match name {
            "" => Self::Unknown,
            "console" | "shell-session" | "shellsession" | "sh-session" | "bash-session"
            | "terminal" | "pycon" => Self::Session,
            "bash" | "sh" | "shell" | "zsh" | "ksh" | "shellscript" | "bash-script" => Self::Shell,
            "text" | "txt" | "plaintext" | "plain" | "output" | "log" | "logs" | "none"
            | "nohighlight" | "no-highlight" | "raw" | "stdout" | "stderr" | "csv" | "diff"
            | "patch" | "ascii" | "mermaid" | "tree" | "powershell" | "pwsh" | "ps1" | "ps"
            | "bat" | "batch" | "cmd" | "dos" | "winbatch" | "fish" | "csh" | "tcsh" | "nu"
            | "nushell" | "elvish" | "xonsh" => Self::Printed,
            "unknown" | "code" | "copy" | "shell_session" | "cli" | "command" | "commands" => {
                Self::Unknown
            }
            _ => Self::Data,
        };
        let titled = ["output", "result"].iter().any(|word| {
            lower
                .split(['=', '"', '\'', ' '])
                .skip(1)
                .any(|part| part.trim_matches(['{', '}', '.']) == *word)
        });
        if titled && language != Self::Data {
            return Self::Printed;
        }
        language
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", Language::Unknown)]
    #[case("bash", Language::Shell)]
    #[case("{.sh .copy}", Language::Shell)]
    #[case("language-bash", Language::Shell)]
    #[case("bash title=\"Expected output\"", Language::Printed)]
    #[case("shell title=\"Install\"", Language::Shell)]
    #[case("console", Language::Session)]
    #[case("text", Language::Printed)]
    #[case("powershell", Language::Printed)]
    #[case("fish", Language::Printed)]
    #[case("yaml title=\"output.yaml\"", Language::Data)]
    #[case("go", Language::Data)]
    fn each_word_behind_a_fence(#[case] info: &str, #[case] expected: Language) {
        assert_eq!(Language::of(info), expected);
    }
}
