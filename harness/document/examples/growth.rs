//! How the time of the linter grows with a document: each kind of text in three sizes, each twice the one before.
//!
//! `growth [KIB]` prints, for each kind, the seconds that `lint` takes for so many KiB (256 where it is not said), twice and
//! four times as many.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::Instant;

use anyhow::Context as _;
use rehearse_document::{Document, lint};

/// A name, and what is repeated with a number in it for `{}`.
const KINDS: [(&str, &str, &str); 20] = [
    (
        "transcripts",
        "```console\n",
        "$ kubectl exec web-7d9f8b6c5-a{} -- ip a\n2: eth0@if{}: <BROADCAST,UP> mtu 1450\n    inet 10.244.1.7/24 scope global eth0\ndefault via 10.244.1.1 dev eth0\n",
    ),
    (
        "sessions",
        "",
        "```\nme@node-{}:~$ ls /etc/cni/net.d\n10-a{}.conf\n```\n\nThe file 10-a{}.conflist and /etc/cni/net.e are there.\n\n",
    ),
    (
        "commands",
        "```bash\n",
        "kubectl create deployment web-{} --image=registry.example.org/web:{} --replicas=3\n",
    ),
    (
        "here-documents",
        "```bash\n",
        "cat <<EOF | kubectl create -f -\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web-{}\nEOF\n",
    ),
    (
        "open here-documents",
        "```bash\n",
        "cat <<EOF{}\nname: $NAME{}\n",
    ),
    ("quotes", "```bash\n", "echo it's {}\n"),
    ("brackets", "```bash\n", "kubectl get ( pods {}\n"),
    ("brackets in one line", "```bash\nls ", "( "),
    ("branches", "```bash\n", "if true; then\n"),
    ("remote shells", "```bash\n", "ssh a{} <<E{}\n"),
    (
        "definitions",
        "",
        "```yaml\napiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\nmetadata: {name: a{}}\nspec:\n  config: '{\"cniVersion\": \"1.0.0\", \"name\": \"a{}\", \"type\": \"macvlan\"}'\n```\n\n```yaml\nkind: Pod\nmetadata:\n  annotations:\n    k8s.v1.cni.cncf.io/networks: b{}\n```\n\n",
    ),
    (
        "one file of objects",
        "```yaml\n",
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: a{}}\n",
    ),
    ("nested flows", "```yaml\na: ", "[{"),
    (
        "prose",
        "",
        "See `kubectl get pods a{}` in /etc/cni/net{}/b.conf, where the default route is removed. ",
    ),
    ("lists", "", "- a{}\n"),
    ("quotes of quotes", "", "> "),
    ("fences", "", "```\na{}\n"),
    ("placeholders", "```bash\n", "kubectl get <a{} {{ b\n"),
    (
        "downloads",
        "```bash\n",
        "wget https://example.org/v1/a{}-amd64.tgz\n",
    ),
    (
        "journals",
        "```console\n",
        "$ journalctl -u crio\nMar 13 02:46:54 node-{} crio[{}]: time=\"2023-03-13\" level=info\n",
    ),
];

#[expect(clippy::disallowed_methods, reason = "it shows figures of its own")]
fn main() -> anyhow::Result<()> {
    let size: usize = match std::env::args().nth(1) {
        Some(size) => size.parse().context("KIB is not a number")?,
        None => 256,
    };
    for (name, head, part) in KINDS {
        let mut line = format!("{name:22}");
        for factor in [1, 2, 4] {
            let text = repeated(head, part, size * 1024 * factor);
            let started = Instant::now();
            let findings = lint::lint(&Document::parse("growth.md", &text));
            let seconds = started.elapsed().as_secs_f64();
            write!(line, " {seconds:8.3} s ({:6})", findings.len())?;
        }
        writeln!(io::stdout(), "{line}")?;
    }
    Ok(())
}

fn repeated(head: &str, part: &str, size: usize) -> String {
    let mut text = head.to_owned();
    let mut number = 0;
    while text.len() < size {
        text.push_str(&part.replace("{}", &number.to_string()));
        number += 1;
    }
    text
}
