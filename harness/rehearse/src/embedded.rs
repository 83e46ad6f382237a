//! The repository's `kind/` and `scenarios/`, as `build.rs` packed them, so that the program alone is enough.

use rehearse_engine::home::Embedded;

/// What this program carries.
pub const HOME: Embedded = Embedded {
    archive: include_bytes!(concat!(env!("OUT_DIR"), "/home.tar.gz")),
    sha256: env!("REHEARSE_EMBEDDED_SHA256"),
};
