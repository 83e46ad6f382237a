//! A place that was closed gives nothing any more.

use crate::PieceKind;
use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "closed-source",
    about: "Something is fetched from a place that is closed",
    check,
};

/// What an address holds, what became of it, and what to use instead.
const CLOSED: [(&str, &str, &str); 13] = [
    (
        "apt.kubernetes.io",
        "apt.kubernetes.io was closed in March 2024",
        "use pkgs.k8s.io",
    ),
    (
        "yum.kubernetes.io",
        "yum.kubernetes.io was closed in March 2024",
        "use pkgs.k8s.io",
    ),
    (
        "packages.cloud.google.com/apt",
        "the packages of Kubernetes there were closed in March 2024",
        "use pkgs.k8s.io and its own key",
    ),
    (
        "packages.cloud.google.com/yum",
        "the packages of Kubernetes there were closed in March 2024",
        "use pkgs.k8s.io and its own key",
    ),
    (
        "k8s.gcr.io",
        "k8s.gcr.io is closed: it gets no image since April 2023",
        "use registry.k8s.io",
    ),
    (
        "docs.projectcalico.org",
        "docs.projectcalico.org has no manifests any more",
        "take the manifest of a release from github.com/projectcalico/calico",
    ),
    (
        "devel:/kubic",
        "the packages of CRI-O in devel:kubic were closed in 2024",
        "use the packages of cri-o at pkgs.k8s.io or download.opensuse.org/repositories/isv:/cri-o",
    ),
    (
        "devel:kubic",
        "the packages of CRI-O in devel:kubic were closed in 2024",
        "use the packages of cri-o at pkgs.k8s.io or download.opensuse.org/repositories/isv:/cri-o",
    ),
    (
        "kubernetes-charts.storage.googleapis.com",
        "these charts were closed in November 2020",
        "take the chart from its own project",
    ),
    (
        "kubernetes-charts-incubator.storage.googleapis.com",
        "these charts were closed in November 2020",
        "take the chart from its own project",
    ),
    (
        "dl.bintray.com",
        "Bintray was closed in May 2021",
        "take it from its project",
    ),
    (
        "mirrorlist.centos.org",
        "the mirrors of CentOS 7 and 8 were closed in 2024",
        "use vault.centos.org, or a distribution that is kept up",
    ),
    (
        "goo.gl/",
        "the addresses of goo.gl lead nowhere since August 2025",
        "write the address that was meant",
    ),
];

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (_, piece) in context.document.pieces() {
        if piece.kind == PieceKind::Output {
            continue;
        }
        for (span, line) in context.lines(&piece.content) {
            // A line that replaces the old place by the new one knows of it.
            let knows = ["registry.k8s.io", "pkgs.k8s.io"]
                .iter()
                .any(|name| line.contains(name));
            if knows || line.trim_start().starts_with('#') {
                continue;
            }
            let closed = CLOSED
                .iter()
                .find_map(|(name, what, instead)| Some((line.find(name)?, name, what, instead)));
            if let Some((at, name, what, instead)) = closed {
                let start = span.start + at;
                drafts.push(Draft::error(start..start + name.len(), *what, *instead));
            }
        }
    }
    drafts
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn each_closed_place_is_told_once_a_line() {
        assert_eq!(found(&RULE, "```bash\ncurl https://apt.kubernetes.io/a | sudo apt-key add -\ncrictl pull k8s.gcr.io/pause:3.9\n```\n").lines().count(), 2);
        assert_eq!(
            found(
                &RULE,
                "```bash\nsed -i s/k8s.gcr.io/registry.k8s.io/ a.yaml\n```\n\nk8s.gcr.io is closed.\n"
            ),
            ""
        );
    }
}
