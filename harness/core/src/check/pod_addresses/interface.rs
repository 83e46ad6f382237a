//! What is judged of an interface besides its addresses: whether its link is up, its MTU, and that it is the one which
//! `network-status` tells of.

use crate::check::Evaluation;
use crate::check::evaluation::list;
use crate::observation::addresses::Interface;
use crate::observation::network_status::Entry;
use crate::observation::pods::Pod;

use super::Interface as Wanted;

/// Judges one interface of one pod.
pub(super) fn judge(
    evaluation: &mut Evaluation,
    pod: &Pod,
    wanted: &Wanted,
    interface: &Interface,
    entry: Option<&Entry>,
) {
    let subject = format!("{} of {}", interface.name, pod.subject());
    if let Some(down) = interface.down() {
        evaluation.fail(
            &subject,
            "a link that is up",
            down,
            "nothing can be reached over it, whatever its addresses are",
        );
    }
    if let Some(mtu) = wanted.mtu
        && interface.mtu != mtu
    {
        evaluation.fail(
            &subject,
            format!("MTU {mtu}"),
            interface.mtu.to_string(),
            "packets that are larger than the way allows are lost, and smaller ones cost speed",
        );
    }
    let told = entry.and_then(|entry| entry.mtu);
    if let Some(told) = told
        && told != interface.mtu
    {
        evaluation.fail(
            &subject,
            format!("the MTU of network-status: {told}"),
            interface.mtu.to_string(),
            "the annotation and the interface in the pod disagree",
        );
    }
    let told = entry.and_then(|entry| entry.mac.as_deref());
    if let (Some(told), Some(mac)) = (told, interface.mac.as_deref())
        && !told.eq_ignore_ascii_case(mac)
    {
        evaluation.fail(
            &subject,
            format!("the MAC address of network-status: {told}"),
            mac,
            "the annotation tells of another interface, or of one that was made again",
        );
    }
}

/// Fails where the interfaces of one network differ in their MTU.
pub(super) fn judge_mtus(evaluation: &mut Evaluation, wanted: &Wanted, mtus: &[(String, u32)]) {
    let first = mtus.first().map(|(_, mtu)| *mtu);
    if mtus.iter().any(|(_, mtu)| Some(*mtu) != first) {
        let seen = mtus.iter().map(|(pod, mtu)| format!("{pod}: {mtu}"));
        evaluation.fail(
            format!("{} on {}", wanted.name, wanted.network),
            "one MTU for all pods",
            list(seen),
            "what the pod with the larger one sends does not reach the other",
        );
    }
}
