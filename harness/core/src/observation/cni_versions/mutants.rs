//! What plugins say of the versions that they support: none, or only old ones.

use crate::mutant::{Edit, FactId, FactKind, Maker};

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &["plugins.versions"],
    make: |site, query| {
        if *query != super::query() {
            return false;
        }
        let whom = site.whom();
        let text = site.original.output.text.clone();
        for (index, line) in text.lines().enumerate() {
            let plugin = line.split('\t').next().unwrap_or(line);
            let fact = FactId::new(
                FactKind::Version,
                "plugins.versions",
                format!("{whom}: {plugin}"),
            );
            let mut set = |mutation, answer: &str| {
                let line = Some(format!("{plugin}\t{answer}"));
                site.push(&fact, mutation, Edit::Lines(vec![(index, line)]));
            };
            set("no answer", "1\t");
            set("no JSON", "0\tusage: plugin");
            set("only the oldest", "0\t{\"cniVersion\": \"0.2.0\"}");
        }
        true
    },
};
