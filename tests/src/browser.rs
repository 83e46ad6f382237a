//! A page as a reader sees it: opened in a headless browser, clicked through by a script of the test, without a network.
//!
//! It judges nothing: what the page asked for, what the browser complained of and what the script saw is the test's to
//! look at. Where there is no browser, the test says so and passes.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use serde_json::Value;

/// What the browser left.
#[derive(Debug)]
pub struct Read {
    /// What the script put into `seen`: also `errors`, those of scripts once the page was there, and `loaded`, the address
    /// of all that the page asked for, whether it came or not.
    pub seen: Value,
    /// The lines of the page's console, from its first byte on: errors of scripts and what its own policy refused.
    pub complaints: Vec<String>,
}

/// The browser of this machine, where there is one.
fn browser() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names.into_iter().find(|name| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    })
}

/// Opens a page and reads it with a script; none where there is no browser, which is said on standard error.
///
/// The script is the body of `async (page, view)`, the page's document and window. It has `seen` to write to,
/// `shown(root, selector)`, the elements that are to be seen, `text(element)` and `settled()`.
///
/// # Errors
/// Where the browser cannot be run, or wrote down nothing.
#[expect(
    clippy::print_stderr,
    reason = "who has no browser is told that this was not tested"
)]
pub fn read(page: &Path, script: &str) -> anyhow::Result<Option<Read>> {
    let Some(browser) = browser() else {
        eprintln!("not run: there is no browser (hint: apt-get install chromium)");
        return Ok(None);
    };
    let name = page.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("{} is no page", page.display()))?;
    let folder = tempfile::tempdir()?;
    let reader = page.with_file_name("reader.html");
    let text = include_str!("browser/reader.html")
        .replace("//READ//", script)
        .replace("//PAGE//", name);
    fs::write(&reader, text)?;
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--allow-file-access-from-files",
            // Whatever the page would fetch is refused at once.
            "--proxy-server=127.0.0.1:9",
            "--enable-logging=stderr",
            "--virtual-time-budget=5000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", folder.path().display()))
        .arg(format!("file://{}", reader.display()))
        .output()
        .context("failed to run the browser")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let seen = text
        .split_once("<pre id=\"seen\">seen ")
        .and_then(|(_, rest)| rest.split_once("</pre>"))
        .with_context(|| format!("the browser wrote down nothing: {text}"))?;
    let seen = seen.0.replace("&lt;", "<").replace("&gt;", ">");
    let complaints = String::from_utf8_lossy(&output.stderr);
    Ok(Some(Read {
        seen: serde_json::from_str(&seen.replace("&amp;", "&"))?,
        complaints: complaints
            .lines()
            .filter(|line| line.contains(":CONSOLE"))
            .map(str::to_owned)
            .collect(),
    }))
}
