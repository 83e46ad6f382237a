//! TCP connections from each pod to every other one and to a Service.
//!
//! By bash's own `/dev/tcp`, which every image with bash has: a container in CRI-O has no right to ping.

use futures::future::try_join_all;
use k8s_openapi::api::core::v1::Service;
use kube::Api;
use rehearse_core::query::{Output, Subject};
use serde_json::{Value, json};

use super::pods::{self, Target};
use crate::stage::{Cluster, StageError};

/// Tries all addresses at once and prints a line for each: its index, the status, and what bash said. A packet that gets
/// no answer is sent again after one and three seconds, so that the limit gives it two more chances.
const SCRIPT: &str = r#"
port=$1; shift
index=0
# More than fits into one packet of any interface of this pod: many small headers, as servers limit each.
largest=$(sort -n /sys/class/net/*/mtu 2>/dev/null | grep -v 65536 | tail -n 1)
request=$'GET / HTTP/1.0\r\n'
while [ "${#request}" -le $((${largest:-1500} * 2)) ]; do
    request+="X-Payload: $(printf 'x%.0s' {1..500})"$'\r\n'
done
request+=$'\r\n'
ask() {
    timeout 4 bash -c 'exec 3<>"/dev/tcp/$0/$1"; printf %s "$2" >&3; IFS= read -r -n 1 -u 3' \
        "$1" "$port" "$2" 2>/dev/null
}
for address in "$@"; do
    {
        said=$(timeout 4 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$address" "$port" 2>&1)
        status=$?
        [ "$status" = 124 ] && said="no answer within 4 s"
        answered=
        # A server that answers a small request must answer the large one; of one that answers neither nothing is known.
        if [ "$status" = 0 ] && ask "$address" $'GET / HTTP/1.0\r\n\r\n'; then
            ask "$address" "$request"
            answered=$?
        fi
        printf '%s\t%s\t%s\t%s\t%s\n' "$index" "$status" "${#request}" "$answered" "${said//$'\n'/ }"
    } &
    index=$((index + 1))
done
wait
"#;

/// Something that is connected to.
#[derive(Clone, Debug)]
struct Goal {
    name: String,
    node: Option<String>,
    address: String,
}

/// One output with a JSON array, sorted by both ends; pods that are not ready take no part.
pub(super) async fn fetch(
    cluster: &Cluster,
    namespace: &str,
    selector: &str,
    port: u16,
    service: Option<&str>,
) -> Result<Vec<Output>, StageError> {
    let pods = pods::of(cluster, namespace, selector).await?;
    let pods: Vec<Target> = pods.into_iter().filter(|pod| pod.is_ready).collect();
    let mut goals: Vec<Goal> = pods
        .iter()
        .filter_map(|pod| {
            Some(Goal {
                name: pod.name.clone(),
                node: pod.node.clone(),
                address: pod.address.clone()?,
            })
        })
        .collect();
    if let Some(service) = service {
        goals.push(goal_of_service(cluster, namespace, service).await?);
    }
    let (goals, port_text) = (&goals, &port.to_string());
    let tries = try_join_all(pods.iter().map(|pod| async move {
        let goals: Vec<&Goal> = goals.iter().filter(|goal| goal.name != pod.name).collect();
        let mut command = vec!["bash", "-c", SCRIPT, "connect", port_text];
        command.extend(goals.iter().map(|goal| goal.address.as_str()));
        let output = pods::run(cluster, namespace, pod, &command).await?;
        Ok::<_, StageError>(tried(pod, &goals, port, &output))
    }));
    let tries: Vec<Value> = tries.await?.into_iter().flatten().collect();
    let text = Value::Array(tries).to_string();
    Ok(vec![Output::fetched(Subject::Cluster, 0, text, "")])
}

/// A Service's cluster address. One that is not there is a goal which can't be reached.
async fn goal_of_service(
    cluster: &Cluster,
    namespace: &str,
    name: &str,
) -> Result<Goal, StageError> {
    let api = Api::<Service>::namespaced(cluster.client().clone(), namespace);
    let service = api
        .get_opt(name)
        .await
        .map_err(|error| StageError::api(format!("read service {namespace}/{name}"), error))?;
    let address = service.and_then(|service| service.spec?.cluster_ip);
    Ok(Goal {
        name: format!("service/{name}"),
        node: None,
        address: address.unwrap_or_default(),
    })
}

/// What one pod's script found; a goal that it says nothing of was not reached.
fn tried(from: &Target, goals: &[&Goal], port: u16, output: &Output) -> Vec<Value> {
    let line_of = |index: usize| {
        output.text.lines().find_map(|line| {
            let mut fields = line.splitn(5, '\t');
            let of = fields.next()?.parse::<usize>().ok()?;
            (of == index).then_some(())?;
            let connected = fields.next()? == "0";
            let payload = fields.next()?.parse::<u32>().ok();
            let answered = match fields.next()? {
                "" => None,
                status => Some(status == "0"),
            };
            let said = fields.next()?.trim().to_owned();
            Some((connected, answered.and(payload), answered, said))
        })
    };
    let entry = |(index, goal): (usize, &&Goal)| {
        let (connected, payload, answered, said) = line_of(index).unwrap_or_else(|| {
            let said = format!("not tried: {}", output.error.trim());
            (false, None, None, said)
        });
        json!({
            "from": from.name,
            "from-node": from.node,
            "to": goal.name,
            "to-node": goal.node,
            "address": goal.address,
            "port": port,
            "connected": connected,
            "payload": payload,
            "answered": answered,
            "error": said,
        })
    };
    goals.iter().enumerate().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use rehearse_core::query::{Output, Subject};
    use serde_json::json;

    use super::{Goal, Target, tried};

    #[test]
    fn what_the_script_prints_is_told_of_each_goal() {
        let from = Target {
            name: "a".to_owned(),
            container: "first".to_owned(),
            node: Some("worker".to_owned()),
            address: None,
            is_ready: true,
        };
        let goal = |name: &str, node: Option<&str>| Goal {
            name: name.to_owned(),
            node: node.map(str::to_owned),
            address: "10.0.0.9".to_owned(),
        };
        let goals = [
            goal("b", Some("worker2")),
            goal("service/s", None),
            goal("c", None),
            goal("d", Some("worker2")),
        ];
        let text =
            "1\t1\t3300\t\tconnect: Connection refused\n0\t0\t3300\t0\t\n3\t0\t3300\t124\t\n";
        let output = Output::fetched(Subject::Cluster, 0, text, "killed");
        let tried = tried(&from, &goals.iter().collect::<Vec<_>>(), 80, &output);
        assert_eq!(
            tried[0],
            json!({ "from": "a", "from-node": "worker", "to": "b", "to-node": "worker2", "address": "10.0.0.9", "port": 80, "connected": true, "payload": 3300, "answered": true, "error": "" })
        );
        assert_eq!(tried[1]["error"], "connect: Connection refused");
        assert_eq!(tried[1]["to-node"], json!(null));
        assert_eq!(tried[1]["payload"], json!(null));
        assert_eq!(tried[1]["answered"], json!(null));
        assert_eq!(tried[2]["connected"], false);
        assert_eq!(tried[2]["error"], "not tried: killed");
        assert_eq!(
            (&tried[3]["connected"], &tried[3]["answered"]),
            (&json!(true), &json!(false))
        );
    }
}
