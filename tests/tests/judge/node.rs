//! One container of the node image with CRI-O alone: no systemd, no Kubernetes.
//!
//! CRI-O's log comes through a pipe, so that its word is read as soon as it is said. A second pipe is held open by this
//! process: with its end the container ends too, however the test died.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use jiff::Timestamp;
use nix::sys::stat::Mode;
use rehearse_core::observation::cni_results::{self, CachedResult};
use rehearse_core::observation::cni_selection::Plugins;
use rehearse_core::observation::cni_versions::{self, Answer};
use rehearse_core::observation::journal;
use serde_json::{Value, json};
use tempfile::TempDir;
use testcontainers::core::{AccessMode, Mount};
use testcontainers::runners::AsyncRunner as _;
use testcontainers::{ContainerAsync, GenericImage, ImageExt as _};
use tokio::runtime::Runtime;

use crate::shell::Shell;
use crate::stack::{image_store, node_image};

/// How long CRI-O may take for a word; it needs milliseconds.
const PATIENCE: Duration = Duration::from_mins(1);
/// After so many sandboxes they are removed, all at once.
const SANDBOXES: usize = 50;
/// What is said after CRI-O's last word.
pub(crate) const ENDED: &str = "CRI-O ended with status";
/// Where the shared folder is in the container.
const SHARED: &str = "/opt/judge";

/// CRI-O in a container.
pub(crate) struct Node {
    folder: TempDir,
    shell: Shell,
    log: Receiver<String>,
    marks: usize,
    sandboxes: usize,
    cleared: usize,
    /// The plugins that are there at first, asked for their versions.
    pub(crate) plugins: Plugins,
    container: Option<ContainerAsync<GenericImage>>,
    runtime: Runtime,
    _alive: File,
}

/// What a new sandbox was given.
#[derive(Debug)]
pub(crate) struct Sandbox {
    /// What CRI-O said meanwhile.
    pub(crate) said: Vec<String>,
    /// The network and its plugin that CRI-O called for it, if any.
    pub(crate) called: Option<(String, String)>,
    /// What was kept of the plugin's answer, or why there is no sandbox.
    pub(crate) result: Result<CachedResult, String>,
}

impl Node {
    /// Starts one; CRI-O has a network and is ready.
    pub(crate) fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path();
        lay_out(path)?;
        let (log, alive) = (pipe(&path.join("log"))?, pipe(&path.join("alive"))?);
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let runtime = Runtime::new()?;
        let container = runtime.block_on(container(path)?.start())?;
        let mut node = Self {
            shell: Shell::open(container.id())?,
            folder,
            log: receiver,
            marks: 0,
            sandboxes: 0,
            cleared: 0,
            plugins: Plugins::default(),
            container: Some(container),
            runtime,
            _alive: alive,
        };
        node.await_line("Starting seccomp notifier watcher")?;
        node.await_network(true)?;
        node.ask_plugins()?;
        Ok(node)
    }

    /// The folder beside which folders of configurations stand.
    pub(crate) fn cni(&self) -> PathBuf {
        self.folder.path().join("cni")
    }

    /// The folder of configurations that CRI-O watches.
    pub(crate) fn watched(&self) -> PathBuf {
        self.cni().join("watched")
    }

    /// The folder of our own plugins.
    pub(crate) fn plugin_folder(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    /// Puts another folder in the place of the watched one, unnoticed, and lets CRI-O read it by writing to a file in a
    /// folder of plugins. What CRI-O says of it.
    pub(crate) fn show(&mut self, folder: &str) -> Result<Vec<String>> {
        point(&self.cni(), folder)?;
        let mut trigger = OpenOptions::new()
            .append(true)
            .open(self.plugin_folder().join("trigger.conf"))?;
        trigger.write_all(b"x")?;
        self.said()
    }

    /// What CRI-O has said until it has dealt with all that was done to files so far. One watch serves all folders, in order,
    /// and changed attributes make it read nothing: they are the mark that all before it was seen.
    pub(crate) fn said(&mut self) -> Result<Vec<String>> {
        self.marks += 1;
        let name = format!("mark-{}.conf", self.marks % 2);
        std::fs::set_permissions(
            self.plugin_folder().join(&name),
            Permissions::from_mode(0o644),
        )?;
        self.await_line(&format!("{SHARED}/bin/{name}"))
    }

    /// Runs a script in the container, which must succeed.
    fn run(&mut self, script: &str) -> Result<String> {
        let (status, output) = self.shell.run(script)?;
        ensure!(status == 0, "`{script}` ended with {status}: {output}");
        Ok(output)
    }

    /// Lets CRI-O make a sandbox.
    pub(crate) fn sandbox(&mut self) -> Result<Sandbox> {
        self.sandboxes += 1;
        let name = format!("pod-{}", self.sandboxes);
        let pod = json!({
            "metadata": { "name": name, "namespace": "judge", "uid": name, "attempt": 0 },
            // A process namespace for each container: then the sandbox needs no process of its own.
            "linux": { "cgroup_parent": "/judge", "security_context": { "namespace_options": { "pid": 1 } } },
        });
        std::fs::write(self.folder.path().join("pod.json"), pod.to_string())?;
        let script = format!(
            "id=$(crictl runp {SHARED}/pod.json) && cat {}/*-\"$id\"-eth0",
            cni_results::DIRECTORY
        );
        let (status, output) = self.shell.run(&script)?;
        let said = self.said()?;
        let result = match status {
            0 => Ok(cni_results::parse(&output).map_err(anyhow::Error::msg)?),
            _ => Err(output),
        };
        let prefix = format!("Adding pod judge_{name} to CNI network \"");
        let called = said.iter().find_map(|message| {
            let (name, plugin) = message.strip_prefix(&prefix)?.rsplit_once("\" (type=")?;
            Some((name.to_owned(), plugin.strip_suffix(')')?.to_owned()))
        });
        Ok(Sandbox {
            said,
            called,
            result,
        })
    }

    /// Removes all sandboxes, if there are many. Their plugins have to be there.
    pub(crate) fn clear_sandboxes(&mut self) -> Result<()> {
        if self.sandboxes >= self.cleared + SANDBOXES {
            self.run("crictl rmp --force --all")?;
            self.cleared = self.sandboxes;
        }
        Ok(())
    }

    /// What CRI-O answers for the condition NetworkReady, with its message.
    pub(crate) fn network_ready(&mut self) -> Result<(bool, String)> {
        let info: Value = serde_json::from_str(&self.run("crictl info")?)?;
        let conditions = info["status"]["conditions"].as_array();
        let conditions = conditions.context("crictl info has no conditions")?;
        let network = conditions
            .iter()
            .find(|condition| condition["type"] == "NetworkReady")
            .context("crictl info has no condition NetworkReady")?;
        let message = network["message"].as_str().unwrap_or_default();
        Ok((network["status"] == true, message.to_owned()))
    }

    /// Looks until NetworkReady is so; CRI-O itself looks twice a second.
    pub(crate) fn await_network(&mut self, ready: bool) -> Result<()> {
        let began = Instant::now();
        loop {
            let (now, message) = self.network_ready()?;
            if now == ready {
                return Ok(());
            }
            ensure!(
                began.elapsed() < PATIENCE,
                "NetworkReady is still {now} after {PATIENCE:?}: {message}"
            );
        }
    }

    /// Asks a plugin of ours again.
    pub(crate) fn ask_plugin(&mut self, name: &str) -> Result<Answer> {
        let script = format!(
            "echo '{{\"cniVersion\":\"1.1.0\"}}' | CNI_COMMAND=VERSION {SHARED}/bin/{name}"
        );
        let (status, output) = self.shell.run(&script)?;
        Ok(cni_versions::answer(status.into(), &output))
    }

    fn ask_plugins(&mut self) -> Result<()> {
        let script = format!(
            r#"for plugin in /opt/cni/bin/* {SHARED}/bin/*; do
            [ -f "$plugin" ] || continue
            printf '%s\t' "${{plugin##*/}}"
            echo '{{"cniVersion":"1.1.0"}}' | CNI_COMMAND=VERSION "$plugin" 2> /dev/null | tr -d '\n'
            echo; done"#
        );
        for line in self.run(&script)?.lines() {
            let (name, answer) = line.split_once('\t').context("no answer of a plugin")?;
            self.plugins.asked(name, cni_versions::answer(0, answer));
        }
        Ok(())
    }

    fn await_line(&mut self, part: &str) -> Result<Vec<String>> {
        let began = Instant::now();
        let mut messages = Vec::new();
        loop {
            let left = PATIENCE.saturating_sub(began.elapsed());
            let Ok(line) = self.log.recv_timeout(left) else {
                bail!("CRI-O did not say '{part}' within {PATIENCE:?}, but: {messages:#?}");
            };
            if line.starts_with(ENDED) {
                bail!("{line}: {messages:#?}");
            }
            let is_last = line.contains(part);
            let entry = journal::Entry {
                time: Timestamp::UNIX_EPOCH,
                message: line,
            };
            messages.push(
                entry
                    .logged()
                    .map_or(entry.message, |logged| logged.message),
            );
            if is_last {
                return Ok(messages);
            }
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let container = self.container.take();
        // A handle of testcontainers removes its container when it is dropped, and wants a runtime for that.
        self.runtime.block_on(async move { drop(container) });
    }
}

/// A container as the nodes are: privileged, with the image store of the machine.
fn container(folder: &Path) -> Result<testcontainers::ContainerRequest<GenericImage>> {
    let image = node_image()?;
    let (name, tag) = image.split_once(':').context("the image has no tag")?;
    let text = |path: &Path| {
        path.to_str()
            .map(str::to_owned)
            .context("a path is not UTF-8")
    };
    let crio = format!(
        "crio --log {SHARED}/log --cgroup-manager cgroupfs --cni-plugin-dir /opt/cni/bin --cni-plugin-dir {SHARED}/bin > {SHARED}/log 2>&1"
    );
    Ok(GenericImage::new(name, tag)
        .with_entrypoint("/usr/local/bin/start-node")
        .with_cmd([
            "sh".to_owned(),
            "-c".to_owned(),
            format!("{{ {crio}; echo \"{ENDED} $?\" > {SHARED}/log; }} & exec cat {SHARED}/alive"),
        ])
        .with_label("org.rehearse.test", "judge")
        .with_privileged(true)
        .with_mount(Mount::tmpfs_mount("/run"))
        .with_mount(Mount::tmpfs_mount("/var/lib/containers"))
        .with_mount(Mount::tmpfs_mount("/var/lib/cni"))
        .with_mount(Mount::bind_mount(text(folder)?, SHARED))
        .with_mount(Mount::bind_mount(text(&folder.join("cni"))?, "/etc/cni"))
        .with_mount(
            Mount::bind_mount(text(&image_store()?)?, "/var/lib/rehearse/images")
                .with_access_mode(AccessMode::ReadOnly),
        )
        .with_host_config_modifier(|host| {
            host.auto_remove = Some(true);
            host.publish_all_ports = Some(false);
        }))
}

/// The shared folder: configurations, our plugins and the pipes.
fn lay_out(path: &Path) -> Result<()> {
    let (cni, plugins) = (path.join("cni"), path.join("bin"));
    for folder in ["watched", "targets", "outside"] {
        std::fs::create_dir_all(cni.join(folder))?;
    }
    point(&cni, "watched")?;
    std::fs::write(
        cni.join("watched/first.conf"),
        r#"{"name": "first", "type": "loopback"}"#,
    )?;
    std::fs::create_dir_all(plugins.join("folder"))?;
    for name in ["trigger.conf", "mark-0.conf", "mark-1.conf"] {
        std::fs::write(plugins.join(name), "")?;
    }
    program(&plugins.join("old"), 0o755, OLD)?;
    program(&plugins.join("mute"), 0o755, "#!/bin/sh\nexit 1\n")?;
    program(&plugins.join("not-executable"), 0o644, OLD)?;
    symlink("/opt/cni/bin/loopback", plugins.join("linked"))?;
    symlink("/absent", plugins.join("dangling"))?;
    Ok(())
}

/// A plugin that knows one version of the specification; it gives an address and changes nothing.
pub(crate) const OLD: &str = r#"#!/bin/sh
case "$CNI_COMMAND" in
  VERSION) echo '{"cniVersion": "0.4.0", "supportedVersions": ["0.4.0"]}' ;;
  ADD) echo '{"cniVersion": "0.4.0", "ips": [{"version": "4", "address": "10.78.0.2/24"}]}' ;;
esac
"#;

/// Writes a program.
pub(crate) fn program(path: &Path, mode: u32, text: &str) -> Result<()> {
    std::fs::write(path, text)?;
    std::fs::set_permissions(path, Permissions::from_mode(mode))?;
    Ok(())
}

/// Lets the name under which CRI-O reads its configurations lead to a folder beside it.
fn point(cni: &Path, folder: &str) -> Result<()> {
    let (new, name) = (cni.join("new"), cni.join("net.d"));
    symlink(folder, &new)?;
    std::fs::rename(&new, &name)?;
    Ok(())
}

/// A pipe with a name, open at both ends, so that neither side has to wait for the other.
fn pipe(path: &Path) -> Result<File> {
    nix::unistd::mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR)?;
    Ok(OpenOptions::new().read(true).write(true).open(path)?)
}
