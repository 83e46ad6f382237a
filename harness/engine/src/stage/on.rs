//! Which stage a plan is performed on, as `--on` says it.

use std::fmt;
use std::str::FromStr;

/// Where a plan is performed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum On {
    /// A kind cluster on this machine.
    Kind,
    /// The outputs of an earlier run: the named capture's, or those of the one that fits the plan.
    Capture(Option<String>),
}

impl FromStr for On {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "kind" => Ok(Self::Kind),
            None if text == "capture" => Ok(Self::Capture(None)),
            Some(("capture", name)) if !name.is_empty() => Ok(Self::Capture(Some(name.to_owned()))),
            _ => Err("it is neither kind, capture nor capture:NAME".to_owned()),
        }
    }
}

impl fmt::Display for On {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind => formatter.write_str("kind"),
            Self::Capture(None) => formatter.write_str("capture"),
            Self::Capture(Some(name)) => write!(formatter, "capture:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("kind", Ok(On::Kind))]
    #[case("capture", Ok(On::Capture(None)))]
    #[case("capture:a_b", Ok(On::Capture(Some("a_b".to_owned()))))]
    #[case("capture:./a:b", Ok(On::Capture(Some("./a:b".to_owned()))))]
    fn a_stage_is_written_as_it_is_read(#[case] text: &str, #[case] on: Result<On, String>) {
        assert_eq!(text.parse(), on);
        assert_eq!(on.map(|on| on.to_string()), Ok(text.to_owned()));
    }

    #[rstest]
    #[case("capture:")]
    #[case("kind:a")]
    #[case("captures")]
    #[case("")]
    fn anything_else_is_refused(#[case] text: &str) {
        assert!(text.parse::<On>().is_err());
    }
}
