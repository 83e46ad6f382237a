//! The JSON Schema of a scenario file, for editors. It knows the shape only: the rules are [`super::parse`]'s.

use super::Scenario;

/// The schema as pretty JSON with a newline at the end: the same text for the same types.
pub fn schema() -> String {
    let schema = schemars::schema_for!(Scenario);
    format!("{:#}\n", schema.as_value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_the_types_own() {
        let committed = include_str!("../../../../scenarios/scenario.schema.json");
        assert!(
            committed == schema(),
            "the schema is stale: run `rehearse schema > scenarios/scenario.schema.json`"
        );
    }
}
