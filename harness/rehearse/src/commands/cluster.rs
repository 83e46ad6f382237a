//! `rehearse cluster up|list|down|sweep`

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rehearse_core::catalogue::Source;

use rehearse_engine::event::Event;
use rehearse_engine::failure::Usage;
use rehearse_engine::interrupt::{Interrupt, Signals};
use rehearse_engine::options::{Caller, RUNS};
use rehearse_engine::prepare::Selection;
use rehearse_engine::rehearsal::{cluster_name, run_id};
use rehearse_engine::setup;
use rehearse_engine::stage::kind::{self, Listed};
use rehearse_engine::stage::{Cluster, Wanted};

use crate::asking::Asking;
use crate::output;
use crate::selection::With;

/// How long the lease of such a cluster says that it is wanted; being kept, it is not swept afterwards.
const LEASE: Duration = Duration::from_hours(24);

/// Arguments of `rehearse cluster`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

/// What to do with clusters.
#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Creates the cluster of a scenario, with no step done, and leaves it running.
    Up(Up),
    /// Lists the clusters of rehearse on this machine, and whose they are.
    List,
    /// Removes a cluster by its name.
    Down(Down),
    /// Removes every cluster that nobody wants any more: its run is gone or its deadline has passed, and it was not kept.
    Sweep,
}

/// Arguments of `rehearse cluster up`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  rehearse cluster up --name lab
  rehearse run --reuse lab
  rehearse cluster down lab")]
struct Up {
    /// The scenario's folder [default: the one that scenarios/default of this repository names]
    #[arg(value_name = "SCENARIO")]
    scenario: Option<PathBuf>,

    /// The cluster's name [default: rehearse-<id>]
    #[arg(long)]
    name: Option<String>,

    /// Where components come from: module, registry or local
    #[arg(long, value_name = "SOURCE", default_value_t = Source::Module)]
    source: Source,

    /// Another version of a component, such as `--with calico=3.28.4`; may be given several times
    #[arg(long, value_name = "COMPONENT=VERSION")]
    with: Vec<With>,

    /// The folder of manifests that go with `--source local`
    #[arg(long, value_name = "DIR")]
    manifests: Option<PathBuf>,

    /// First makes all that is missing
    #[arg(long)]
    setup: bool,
}

/// Arguments of `rehearse cluster down`.
#[derive(Debug, clap::Args)]
struct Down {
    /// The cluster's name.
    name: String,

    /// Also where a run works with it
    #[arg(long)]
    force: bool,
}

/// Does what was asked. 0 when it is done; `list` is done also where there is none.
pub async fn execute(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.action {
        Action::Up(up) => {
            let asking = Asking::new(up.setup);
            asking
                .with(async |caller| bring_up(up, caller).await)
                .await?;
        }
        Action::List => {
            let engine = kind::engine()?;
            say(&table(&kind::list(&engine).await?, Timestamp::now()))?;
        }
        Action::Down(down) => {
            let engine = kind::engine()?;
            kind::take_down(&engine, &down.name, down.force).await?;
            say(&format!("removed cluster {}\n", down.name))?;
        }
        Action::Sweep => {
            let engine = kind::engine()?;
            let swept = kind::sweep(&engine).await?;
            for swept in &swept {
                say(&format!(
                    "removed cluster {}: {}\n",
                    swept.cluster, swept.why
                ))?;
            }
            if swept.is_empty() {
                say("nothing to remove\n")?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn bring_up(up: Up, caller: Caller<'_>) -> anyhow::Result<()> {
    let id = run_id(Timestamp::now(), std::process::id());
    let name = up.name.unwrap_or_else(|| cluster_name(&id));
    kind::judge_name(&name).map_err(|why| Usage::new(why, "give another --name"))?;
    let selection = Selection {
        scenario: up.scenario,
        source: up.source,
        with: up
            .with
            .into_iter()
            .map(|with| (with.component, with.version))
            .collect(),
        manifests: up.manifests,
        ..Selection::default()
    };
    let prepared = selection.prepare()?;
    let needed = setup::look(&prepared, Some(&name), caller.agree).await?;
    let interrupt = Interrupt::default();
    let signals = Signals::caught()?;
    let create = async {
        let ready = needed.make(&interrupt, caller.tell).await?;
        let wanted = Wanted {
            name: name.clone(),
            run_id: id.clone(),
            plan: &prepared.plan,
            stack: &ready.stack,
            directory: PathBuf::from(RUNS).join(&id),
            deadline: LEASE,
            catalogue_folder: prepared.repository.home.kind(),
            keep: true,
        };
        let doing = |what: &str| {
            (caller.tell)(Event::Doing {
                what: what.to_owned(),
            });
        };
        let created = Cluster::create(wanted, interrupt.token(), &doing).await;
        (caller.tell)(Event::Ended);
        created
    };
    let created = tokio::select! {
        created = create => created,
        never = interrupt.listen(signals) => match never {},
    };
    let cluster = created?;
    let text = format!(
        "cluster {name} is up\n  KUBECONFIG={}\n  rehearse run --reuse {name}\n  rehearse cluster down {name}\n",
        cluster.kubeconfig().display()
    );
    cluster.leave();
    say(&text)
}

fn say(text: &str) -> anyhow::Result<()> {
    output::stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// Some lines for each cluster: name, nodes, state, age and deadline; its owner; its versions.
fn table(clusters: &[Listed], now: Timestamp) -> String {
    if clusters.is_empty() {
        return "no cluster\n".to_owned();
    }
    let lines = clusters.iter().map(|cluster| {
        let versions: Vec<String> = cluster
            .components
            .iter()
            .map(|(name, version)| format!("{name} {version}"))
            .collect();
        let kept = if cluster.kept && cluster.state != "kept" {
            ", to be kept"
        } else {
            ""
        };
        format!(
            "{}\n  {} nodes, {}{kept}, {} old, lease until {}\n  run {}, {}\n  {}\n",
            cluster.cluster,
            cluster.nodes,
            cluster.state,
            rough(now.duration_since(cluster.created)),
            cluster.deadline.strftime("%Y-%m-%d %H:%M:%S UTC"),
            cluster.run,
            cluster.owner,
            versions.join(", "),
        )
    });
    lines.collect()
}

/// A duration in its largest unit.
fn rough(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86400),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Result;
    use jiff::{SignedDuration, Timestamp, ToSpan as _};

    use super::{rough, table};
    use rehearse_engine::stage::kind::Listed;

    #[test]
    fn a_cluster_is_listed_with_its_owner_and_versions() -> Result<()> {
        let created: Timestamp = "2026-11-25T10:00:00Z".parse()?;
        let listed = Listed {
            cluster: "lab".to_owned(),
            nodes: 3,
            run: "20261125-100000-1a2b".to_owned(),
            owner: "process 7 on desk".to_owned(),
            created,
            deadline: created + 24.hours(),
            kept: true,
            state: "in use".to_owned(),
            components: [("calico".to_owned(), "3.28.4".to_owned())].into(),
        };
        insta::assert_snapshot!(table(&[listed], created + 5.minutes()), @"
        lab
          3 nodes, in use, to be kept, 5 min old, lease until 2026-11-26 10:00:00 UTC
          run 20261125-100000-1a2b, process 7 on desk
          calico 3.28.4
        ");
        assert_eq!(table(&[], created), "no cluster\n");
        Ok(())
    }

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let told = |seconds| rough(SignedDuration::from_secs(seconds));
        assert_eq!(told(-1), "0 s");
        assert_eq!(told(119), "119 s");
        assert_eq!(told(7199), "119 min");
        assert_eq!(told(7200), "2 h");
        assert_eq!(told(172_800), "2 days");
    }
}
