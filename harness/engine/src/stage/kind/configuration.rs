//! The kind configuration of a cluster, rendered from the repository's `kind/cluster.yaml`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rehearse_core::cluster::Subnets;
use rehearse_core::plan::Plan;
use rehearse_core::problem::Problems;
use rehearse_core::template;
use serde::Serialize;

/// The template in the repository's `kind` folder.
const TEMPLATE: &str = "cluster.yaml";

/// The longest name a cluster can have: kind appends `-control-plane`, and a host name has at most 63 characters.
const LONGEST_NAME: usize = 63 - "-control-plane".len();

/// A file or folder of the machine that every node sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Mount {
    /// On the machine; absolute.
    pub(crate) host_path: PathBuf,
    /// On the node.
    pub(crate) container_path: String,
    /// Whether nodes may only read it.
    pub(crate) read_only: bool,
}

/// What the template can use.
#[derive(Serialize)]
struct Variables<'a> {
    name: &'a str,
    image: &'a str,
    control_planes: u16,
    workers: u16,
    schedulable_control_planes: bool,
    ip_family: &'static str,
    pod_subnet: Subnets,
    service_subnet: Subnets,
    mounts: &'a [Mount],
}

/// Fills the template. It knows `name`, `image`, `control_planes`, `workers`, `schedulable_control_planes`, `ip_family`,
/// `pod_subnet`, `service_subnet` and `mounts` (each with `host_path`, `container_path` and `read_only`); any other name is an error.
pub(crate) fn render(
    template: &str,
    name: &str,
    image: &str,
    plan: &Plan,
    mounts: &[Mount],
) -> Result<String> {
    let variables = Variables {
        name,
        image,
        control_planes: plan.nodes.control_planes,
        workers: plan.nodes.workers,
        schedulable_control_planes: plan.nodes.schedulable_control_planes,
        ip_family: plan.pod_subnet.families(),
        pod_subnet: plan.pod_subnet,
        service_subnet: plan.service_subnet,
        mounts,
    };
    template::render(TEMPLATE, template, variables).map_err(|problem| {
        anyhow::anyhow!(
            "failed to render the kind configuration: {}",
            Problems::from(problem)
        )
    })
}

/// Whether kind takes the name, else why not.
pub fn judge_name(name: &str) -> Result<(), String> {
    let fits = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || "-.".contains(character)
    };
    let first = name.chars().next();
    if !first.is_some_and(|first| first.is_ascii_lowercase() || first.is_ascii_digit()) {
        return Err("a cluster's name begins with a lower-case letter or a digit".to_owned());
    }
    if let Some(wrong) = name.chars().find(|&character| !fits(character)) {
        return Err(format!(
            "a cluster's name has lower-case letters, digits, '-' and '.', not '{wrong}'"
        ));
    }
    if name.len() > LONGEST_NAME {
        return Err(format!(
            "a cluster's name has at most {LONGEST_NAME} characters, not {}",
            name.len()
        ));
    }
    Ok(())
}

/// Reads the template of a repository's `kind` folder.
pub(crate) fn read_template(folder: &Path) -> Result<String> {
    let path = folder.join(TEMPLATE);
    std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use anyhow::Result;
    use rehearse_core::catalogue::Source;
    use rehearse_core::plan::Plan;
    use rehearse_core::scenario::{Document, Nodes};
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::{Mount, judge_name, render};

    fn plan(schedulable_control_planes: bool) -> Result<Plan> {
        Ok(Plan {
            scenario: "a".to_owned(),
            title: "A".to_owned(),
            document: Document {
                sha256: String::new(),
                lines: 1,
            },
            nodes: Nodes {
                control_planes: 1,
                workers: 2,
                schedulable_control_planes,
            },
            pod_subnet: "10.244.0.0/16".parse()?,
            service_subnet: "10.96.0.0/12".parse()?,
            source: Source::Module,
            components: [].into(),
            steps: Vec::new(),
            until: None,
        })
    }

    #[test]
    fn the_repositorys_template_gives_each_node_its_image_and_mounts() -> Result<()> {
        let template = include_str!("../../../../../kind/cluster.yaml");
        let mount = Mount {
            host_path: "/store".into(),
            container_path: "/var/lib/rehearse/images".to_owned(),
            read_only: true,
        };
        let text = render(template, "lab", "node:1", &plan(true)?, &[mount])?;
        let cluster: Value = serde_saphyr::from_str(&text)?;
        assert_eq!(cluster["name"], "lab");
        assert_eq!(cluster["networking"]["podSubnet"], "10.244.0.0/16");
        let mount = json!({
            "hostPath": "/store",
            "containerPath": "/var/lib/rehearse/images",
            "readOnly": true,
        });
        let node = |role: &str| json!({ "role": role, "image": "node:1", "extraMounts": [mount] });
        assert_eq!(
            cluster["nodes"],
            json!([node("control-plane"), node("worker"), node("worker")])
        );
        Ok(())
    }

    #[test]
    fn a_name_that_the_template_may_not_use_is_an_error() -> Result<()> {
        let text = render("name: {{ nmae }}\n", "lab", "node:1", &plan(true)?, &[]);
        assert!(text.is_err());
        Ok(())
    }

    #[rstest]
    #[case::empty("", "begins with")]
    #[case::upper_case("Lab", "begins with")]
    #[case::underscore("my_lab", "not '_'")]
    #[case::too_long(&"a".repeat(50), "at most 49 characters, not 50")]
    fn a_name_that_kind_does_not_take_is_told(#[case] name: &str, #[case] why: &str) {
        let told = judge_name(name);
        assert!(
            told.as_ref().is_err_and(|told| told.contains(why)),
            "{told:?}"
        );
    }

    #[test]
    fn a_runs_own_name_is_taken() {
        assert_eq!(judge_name("rehearse-20261125-101500-0a1b"), Ok(()));
    }
}
