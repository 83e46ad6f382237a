//! Which versions a requirement is meant for.

use semver::{BuildMetadata, Prerelease, Version, VersionReq};

/// Whether a version satisfies a requirement. `4.0.0-rc.1` behaves as 4.0.0 does, while semver would let it match neither
/// `<4.0.0` nor `>=4.0.0`, and both checks would be skipped. A requirement that names a pre-release is taken to the
/// letter. Build metadata does not count.
pub(crate) fn is_meant_for(requirement: &VersionReq, version: &Version) -> bool {
    let names_prerelease = requirement
        .comparators
        .iter()
        .any(|comparator| !comparator.pre.is_empty());
    if names_prerelease {
        return requirement.matches(version);
    }
    requirement.matches(&Version {
        pre: Prerelease::EMPTY,
        build: BuildMetadata::EMPTY,
        ..version.clone()
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("<4.0.0", "3.9.3", true)]
    #[case("<4.0.0", "4.0.0-rc.1", false)]
    #[case(">=4.0.0", "4.0.0-rc.1", true)]
    #[case(">=4.0.0-rc.2", "4.0.0-rc.1", false)]
    #[case("=3.28.4", "3.28.4+11", true)]
    #[case(">=4.0.0, <4.1.0", "4.0.2", true)]
    fn prereleases_and_builds_count_as_their_release(
        #[case] requirement: &str,
        #[case] version: &str,
        #[case] expected: bool,
    ) -> Result<(), semver::Error> {
        assert_eq!(
            is_meant_for(&requirement.parse()?, &version.parse()?),
            expected
        );
        Ok(())
    }
}
