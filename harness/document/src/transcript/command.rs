//! Whether a line is typed into a shell, by its first words.

/// Programs that no sentence starts with.
const PROGRAMS: &[&str] = &[
    "ansible",
    "apk",
    "apt",
    "apt-get",
    "arping",
    "aws",
    "az",
    "awk",
    "base64",
    "bash",
    "bpftool",
    "brctl",
    "brew",
    "bridge",
    "buildah",
    "calicoctl",
    "cat",
    "cd",
    "chmod",
    "chown",
    "chroot",
    "cilium",
    "conntrack",
    "cp",
    "crc",
    "crictl",
    "crio",
    "ctr",
    "curl",
    "df",
    "dig",
    "dnf",
    "docker",
    "docker-compose",
    "dpkg",
    "echo",
    "egrep",
    "eksctl",
    "ethtool",
    "eval",
    "exit",
    "export",
    "firewall-cmd",
    "gcloud",
    "gpg",
    "grep",
    "helm",
    "hostnamectl",
    "hubble",
    "ifconfig",
    "ifup",
    "ifdown",
    "ip",
    "ip6tables",
    "iperf",
    "iperf3",
    "iptables",
    "iptables-save",
    "ipvsadm",
    "istioctl",
    "journalctl",
    "jq",
    "k3d",
    "k3s",
    "k9s",
    "kops",
    "kubeadm",
    "kubectl",
    "kubelet",
    "kustomize",
    "ln",
    "ls",
    "lsmod",
    "lsof",
    "lspci",
    "microk8s",
    "minikube",
    "mkdir",
    "modprobe",
    "mount",
    "mtr",
    "mv",
    "nano",
    "nc",
    "nerdctl",
    "netplan",
    "netstat",
    "nft",
    "nmap",
    "nmcli",
    "npm",
    "nsenter",
    "nslookup",
    "oc",
    "openssl",
    "ovn-nbctl",
    "ovs-vsctl",
    "pacman",
    "ping",
    "ping6",
    "pip",
    "pip3",
    "podman",
    "printf",
    "ps",
    "pwd",
    "python",
    "python3",
    "rm",
    "rpm",
    "rsync",
    "scp",
    "sed",
    "sh",
    "skopeo",
    "snap",
    "ss",
    "ssh",
    "ssh-keygen",
    "subctl",
    "su",
    "sudo",
    "swapoff",
    "sysctl",
    "systemctl",
    "talosctl",
    "tar",
    "tc",
    "tcpdump",
    "tee",
    "telnet",
    "terraform",
    "traceroute",
    "tracepath",
    "ufw",
    "umount",
    "uname",
    "unset",
    "unshare",
    "unzip",
    "update-alternatives",
    "usermod",
    "vagrant",
    "vi",
    "vim",
    "virsh",
    "wget",
    "whoami",
    "xargs",
    "yq",
    "yum",
    "zypper",
];

/// Programs and words of the shell that are words of a language, too.
const WORDS: &[&str] = &[
    "alias", "case", "command", "cut", "diff", "exec", "find", "for", "free", "function", "git",
    "go", "head", "hostname", "id", "if", "kill", "kind", "less", "make", "more", "read", "route",
    "set", "sleep", "sort", "source", "tail", "test", "time", "timeout", "top", "touch", "type",
    "until", "wait", "watch", "which", "while", "who",
];

/// Words that follow in a sentence, and in no command.
const PROSE: &[&str] = &[
    "a", "after", "all", "an", "and", "any", "are", "as", "at", "be", "been", "before", "by",
    "can", "each", "every", "for", "from", "has", "have", "here", "how", "if", "in", "into", "is",
    "it", "its", "more", "of", "on", "only", "or", "our", "out", "over", "should", "some", "sure",
    "that", "the", "their", "them", "there", "these", "this", "those", "through", "to", "until",
    "up", "was", "we", "were", "what", "when", "where", "which", "will", "with", "you", "your",
];

/// Whether a line is typed into a shell.
pub(crate) fn is_command(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let Some(first) = words.next() else {
        return false;
    };
    let second = words.next();
    if WORDS.contains(&first) {
        // A loop or a branch has its end or its next word of the shell somewhere.
        return match (first, second) {
            ("wait" | "hostname" | "id" | "top" | "free" | "who", None) => true,
            (_, None) => false,
            ("if" | "while" | "until", Some(second)) => {
                second.starts_with(['[', '!', '('])
                    || line.contains("; ")
                    || is_command(&line[line.find(second).unwrap_or(0)..])
            }
            ("for", Some(_)) => line.contains(" in ") || line.contains("(("),
            ("case", Some(_)) => line.trim_end().ends_with(" in"),
            (_, Some(second)) => !PROSE.contains(&second) && !second.ends_with(','),
        };
    }
    is_program(first, second, line)
}

/// Whether a line among printed ones is typed: it starts with a program whose name no sentence starts with.
pub(crate) fn is_surely_command(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next().is_some_and(|first| {
        !line.starts_with([' ', '\t'])
            && first != "kubeadm"
            && is_program(first, words.next(), line)
    })
}

fn is_program(first: &str, second: Option<&str>, line: &str) -> bool {
    let name = match first.rsplit_once('/') {
        Some((folder, name)) if folder.starts_with(['/', '.', '~']) || folder.is_empty() => name,
        _ => first,
    };
    let alone = matches!(
        name,
        "ls" | "bash"
            | "sh"
            | "exit"
            | "pwd"
            | "whoami"
            | "ifconfig"
            | "lsmod"
            | "su"
            | "ps"
            | "df"
    );
    let known = PROGRAMS.contains(&name)
        && (alone || second.is_some() || line.trim_end().ends_with('\\'))
        && second.is_none_or(|second| {
            !PROSE.contains(&second) || matches!(name, "ip" | "ssh" | "ping" | "echo")
        })
        && second != Some(":");
    known || is_assignment(first) || (first.starts_with("./") && first.len() > 2)
}

/// Whether a line opens what goes on on the next one.
pub(super) fn opens(line: &str) -> bool {
    ["for ", "while ", "until ", "if ", "case ", "select "]
        .iter()
        .any(|word| line.trim_start().starts_with(word) || line.contains(&format!("; {word}")))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, value)| {
        !name.is_empty()
            && !value.starts_with('=')
            && name
                .bytes()
                .all(|next| next.is_ascii_alphanumeric() || next == b'_')
            && !name.starts_with(|next: char| next.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("kubectl get pods", true)]
    #[case("  sudo ls", true)]
    #[case("/usr/sbin/ip route", true)]
    #[case("POOL=192.0.2.0/24", true)]
    #[case("for node in a b; do", true)]
    #[case("if [ -f a ]; then", true)]
    #[case("git clone https://example.org/a", true)]
    #[case("make install", true)]
    #[case("make sure that it runs", false)]
    #[case("for more information see below", false)]
    #[case("find the node", false)]
    #[case("kubectl is a program", false)]
    #[case("kind: Pod", false)]
    #[case("node Ready", false)]
    #[case("web-1 1/1 Running", false)]
    fn each_first_word(#[case] line: &str, #[case] expected: bool) {
        assert_eq!(is_command(line), expected);
    }
}
