//! Each difference as a sentence fragment.

use std::fmt;

use super::Difference;

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RouteGone { route } => write!(formatter, "the route {route} is gone"),
            Self::RouteNew { route } => write!(formatter, "the route {route} is new"),
            Self::RouteChanged {
                destination,
                attribute,
                before,
                after,
            } => match (before, after) {
                (Some(before), None) => write!(
                    formatter,
                    "the route {destination} lost its {attribute} {before}"
                ),
                (None, Some(after)) => write!(
                    formatter,
                    "the route {destination} was given the {attribute} {after}"
                ),
                (before, after) => write!(
                    formatter,
                    "the route {destination} has the {attribute} {} instead of {}",
                    after.as_deref().unwrap_or("none"),
                    before.as_deref().unwrap_or("none"),
                ),
            },
            Self::RoutesReordered => formatter.write_str("the routes have another order"),
            Self::Gone { what, name } => write!(formatter, "the {what} {name} is gone"),
            Self::New { what, name } => write!(formatter, "the {what} {name} is new"),
            Self::Reordered { what } => write!(formatter, "each {what} is there, in another order"),
            Self::AddressUnexpected { by } => write!(
                formatter,
                "the address is not as wanted by {} any more",
                by.join(", ")
            ),
            Self::Range { before, after } => {
                write!(formatter, "the range is {after} instead of {before}")
            }
            Self::PrefixLength { before, after } => {
                write!(
                    formatter,
                    "the prefix length is {after} instead of {before}"
                )
            }
            Self::Network { before, after } => {
                write!(formatter, "the network is {after} instead of {before}")
            }
            Self::Version { before, after } => {
                write!(formatter, "the version is {after} instead of {before}")
            }
            Self::Readiness { before, after } => {
                write!(formatter, "ready: {after} instead of {before}")
            }
            Self::Told {
                value,
                by_candidate,
                ..
            } => {
                let side = if *by_candidate {
                    "the candidate"
                } else {
                    "the base"
                };
                write!(formatter, "only {side} tells it: {value}")
            }
            Self::OnSomeOnly => formatter.write_str("not for all: some are as before"),
            Self::Verdict { before, after } | Self::Value { before, after } => {
                write!(formatter, "{before} → {after}")
            }
        }
    }
}
