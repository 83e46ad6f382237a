//! Sandboxes of the pods that the step looks at: gone.

use crate::mutant::{Edit, FactId, FactKind, Maker};
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &["sandboxes.present"],
    make: |site, query| {
        let is_mine = matches!(query, Query::NodeCommand { command } if *command == super::COMMAND);
        if !is_mine {
            return false;
        }
        let whom = site.whom();
        let text = site.original.output.text.clone();
        for (index, id) in text.lines().enumerate() {
            let mut pods = site.surroundings.pods.iter();
            if let Some((pod, _)) = pods.find(|(_, pod)| pod.sandbox == id.trim()) {
                let subject = format!("{whom}: sandbox of pod {pod}");
                let fact = FactId::new(FactKind::Status, "sandboxes.present", subject);
                site.push(&fact, "gone", Edit::Lines(vec![(index, None)]));
            }
        }
        true
    },
};
