//! Says to the tests whether the document that the scenario replays is at hand: it is not kept here, and a test of it
//! that cannot run is listed as ignored.

use std::env;
use std::io::{self, Write as _};
use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "it speaks to cargo")]
fn main() -> io::Result<()> {
    let beside = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/document/multus-on-crio-with-calico.md"
    );
    let path = env::var("REHEARSE_DOCUMENT").unwrap_or_else(|_| beside.to_owned());
    let mut out = io::stdout();
    writeln!(out, "cargo::rustc-check-cfg=cfg(has_document)")?;
    writeln!(out, "cargo::rerun-if-changed=build.rs")?;
    writeln!(out, "cargo::rerun-if-env-changed=REHEARSE_DOCUMENT")?;
    if Path::new(&path).is_file() {
        writeln!(out, "cargo::rerun-if-changed={path}")?;
        writeln!(out, "cargo::rustc-cfg=has_document")?;
    }
    Ok(())
}
