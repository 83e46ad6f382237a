//! The files of one folder on each node.
//!
//! Not by the engine's archive download: its times are whole seconds, it takes along all below the folder, and it does
//! not see what is mounted over the node's root file system.

use std::collections::BTreeMap;
use std::io::Read as _;

use futures::future::try_join_all;
use jiff::Timestamp;
use rehearse_core::query::{Output, Subject};
use serde_json::{Value, json};

use crate::stage::{Cluster, Node, StageError};

/// Prints one NUL-terminated line a file, and one for what each link leads to, each list ended by one more NUL. Where contents are
/// wanted, there follow such a list of the `.conf` files one folder deeper, which libcni takes for plugins, and a tar: of
/// these, of the files that libcni reads (it knows no limit), and of other files of at most 256 KiB. Links are followed, as
/// CRI-O follows them, and a file that two names lead to is there twice. A file that goes away in between is listed without content.
const SCRIPT: &str = r#"
cd "$1" || exit 1
line='%y\t%m\t%s\t%T@\t%P\0'
find . -mindepth 1 -maxdepth 1 -printf "$line" && printf '\0' || exit 2
find -L . -mindepth 1 -maxdepth 1 -xtype l -printf "$line"
printf '\0'
[ "$2" = contents ] || exit 0
find -L . -mindepth 2 -maxdepth 2 -type f -name '*.conf' -printf "$line"
printf '\0'
{
    find -L . -mindepth 1 -maxdepth 1 -type f \
        \( -size -257k -o -name '*.conf' -o -name '*.conflist' -o -name '*.json' \) -print0
    find -L . -mindepth 2 -maxdepth 2 -type f -name '*.conf' -print0
} | tar --create --file=- --dereference --hard-dereference --no-recursion --ignore-failed-read --null --files-from=- || [ $? = 1 ]
"#;

/// The status of the script where the folder is not there.
const NOT_THERE: i64 = 1;

/// One output for each node, sorted by its name.
pub(super) async fn fetch(
    cluster: &Cluster,
    path: &str,
    contents: bool,
) -> Result<Vec<Output>, StageError> {
    let listings = cluster.nodes().iter();
    try_join_all(listings.map(|node| fetch_from(cluster, node, path, contents))).await
}

async fn fetch_from(
    cluster: &Cluster,
    node: &Node,
    path: &str,
    contents: bool,
) -> Result<Output, StageError> {
    let wanted = if contents { "contents" } else { "names" };
    let command = ["sh", "-c", SCRIPT, "list", path, wanted];
    let ended = cluster.run(node, &command).await?;
    let error = ended.error();
    let failed = |reason| StageError::Node {
        node: node.name.clone(),
        operation: format!("list {path}"),
        reason,
    };
    let text = match ended.status {
        0 => listed(&ended.stdout).map_err(failed)?.to_string(),
        NOT_THERE => "[]".to_owned(),
        status => {
            return Err(failed(format!(
                "status {status}: {}",
                error.redacted().trim()
            )));
        }
    };
    let subject = Subject::Node(node.name.clone());
    Ok(Output::fetched(subject, ended.status, text, error))
}

/// What the script printed, as JSON.
fn listed(printed: &[u8]) -> Result<Value, String> {
    let (lines, rest) = list(printed)?;
    let mut files = lines
        .iter()
        .map(Line::as_file)
        .collect::<BTreeMap<String, Value>>();
    let (targets, rest) = list(rest)?;
    for target in &targets {
        if let Some(file) = files.get_mut(&target.path) {
            file["target"] = target.as_target();
        }
    }
    // A link that leads back to itself is followed to no end, and find lists nothing for it.
    for file in files.values_mut() {
        if file["kind"] == "link" && file.get("target").is_none() {
            file["target"] = "missing".into();
        }
    }
    if rest.is_empty() {
        return Ok(files.into_values().collect());
    }
    let (deeper, rest) = list(rest)?;
    let contents = contents(rest).map_err(|error| format!("can't read the tar: {error}"))?;
    let mut folders: BTreeMap<&str, BTreeMap<String, Value>> = BTreeMap::new();
    for line in &deeper {
        let Some((folder, name)) = line.path.split_once('/') else {
            continue;
        };
        let (_, mut file) = line.as_file();
        file["name"] = name.into();
        if let Some(content) = contents.get(&line.path) {
            file["content"] = content.as_str().into();
        }
        folders
            .entry(folder)
            .or_default()
            .insert(name.to_owned(), file);
    }
    for (name, file) in &mut files {
        if let Some(content) = contents.get(name) {
            file["content"] = content.as_str().into();
        }
        if let Some(entries) = folders.remove(name.as_str()) {
            file["entries"] = entries.into_values().collect();
        }
    }
    Ok(files.into_values().collect())
}

/// One line of a list.
struct Line {
    kind: String,
    mode: String,
    size: u64,
    modified: Timestamp,
    /// Relative to the folder.
    path: String,
}

/// The lines of one list, and what follows it.
fn list(printed: &[u8]) -> Result<(Vec<Line>, &[u8]), String> {
    let mut lines = Vec::new();
    let mut rest = printed;
    loop {
        let end = rest.iter().position(|&byte| byte == 0);
        let end = end.ok_or("the listing is cut off")?;
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if line.is_empty() {
            return Ok((lines, rest));
        }
        let text = String::from_utf8_lossy(line);
        lines.push(Line::read(&text).ok_or_else(|| format!("can't read '{text}'"))?);
    }
}

impl Line {
    /// Type, mode, size, time and path.
    fn read(line: &str) -> Option<Self> {
        let mut fields = line.splitn(5, '\t');
        let mut field = || fields.next();
        let (kind, mode, size, time, path) = (field()?, field()?, field()?, field()?, field()?);
        let (seconds, fraction) = time.split_once('.')?;
        let nanoseconds = fraction.get(..9)?;
        Some(Self {
            kind: kind.to_owned(),
            mode: format!("{mode:0>4}"),
            size: size.parse().ok()?,
            modified: Timestamp::new(seconds.parse().ok()?, nanoseconds.parse().ok()?).ok()?,
            path: path.to_owned(),
        })
    }

    fn as_file(&self) -> (String, Value) {
        let kind = match self.kind.as_str() {
            "f" => "file",
            "d" => "directory",
            "l" => "link",
            _ => "other",
        };
        let file = json!({
            "name": self.path,
            "kind": kind,
            "mode": self.mode,
            "size": self.size,
            "modified": self.modified.to_string(),
        });
        (self.path.clone(), file)
    }

    /// A link that leads to nothing, or to itself, is still a link where links are followed.
    fn as_target(&self) -> Value {
        match self.kind.as_str() {
            "f" => json!({ "file": { "mode": self.mode, "size": self.size } }),
            "d" => "directory".into(),
            "l" | "N" | "L" => "missing".into(),
            _ => "other".into(),
        }
    }
}

/// The files of a tar by name; none where there is no tar. What is not UTF-8 is replaced, as readers in Go do.
fn contents(tar: &[u8]) -> std::io::Result<BTreeMap<String, String>> {
    let mut contents = BTreeMap::new();
    for entry in tar::Archive::new(tar).entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        let name = name.trim_start_matches("./").to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        contents.insert(name, String::from_utf8_lossy(&bytes).into_owned());
    }
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use anyhow::Result;
    use serde_json::json;

    use super::listed;

    fn tar(files: &[(&str, &[u8])]) -> Result<Vec<u8>> {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, content) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            archive.append_data(&mut header, format!("./{name}"), *content)?;
        }
        Ok(archive.into_inner()?)
    }

    #[test]
    fn a_listing_with_contents_is_sorted_json() -> Result<()> {
        let mut printed = b"l\t777\t9\t1764028801.5000000000\tz\0f\t644\t3\t1764028800.1234567890\ta b.conf\0f\t600\t2\t1764028800.0000000000\traw\0d\t700\t4096\t1764028802.0000000000\tnet\0c\t666\t0\t1764028802.0000000000\tnull\0\0f\t755\t9\t1764028800.0000000000\tz\0\0\0".to_vec();
        printed.extend(tar(&[("a b.conf", b"{ }"), ("raw", b"\xff\xfe")])?);
        assert_eq!(
            listed(&printed).map_err(anyhow::Error::msg)?,
            json!([
                { "name": "a b.conf", "kind": "file", "mode": "0644", "size": 3, "modified": "2025-11-25T00:00:00.123456789Z", "content": "{ }" },
                { "name": "net", "kind": "directory", "mode": "0700", "size": 4096, "modified": "2025-11-25T00:00:02Z" },
                { "name": "null", "kind": "other", "mode": "0666", "size": 0, "modified": "2025-11-25T00:00:02Z" },
                { "name": "raw", "kind": "file", "mode": "0600", "size": 2, "modified": "2025-11-25T00:00:00Z", "content": "\u{fffd}\u{fffd}" },
                { "name": "z", "kind": "link", "mode": "0777", "size": 9, "modified": "2025-11-25T00:00:01.5Z", "target": { "file": { "mode": "0755", "size": 9 } } },
            ])
        );
        Ok(())
    }

    #[test]
    fn links_say_where_they_lead_also_without_contents() -> Result<()> {
        let time = "1764028800.0000000000";
        let link = |name: &str| format!("l\t777\t9\t{time}\t{name}\0");
        let target = |kind: &str, name: &str| format!("{kind}\t777\t9\t{time}\t{name}\0");
        let printed = format!(
            "{}{}{}\0{}{}{}\0",
            link("gone"),
            link("folder"),
            link("pipe"),
            target("l", "gone"),
            target("d", "folder"),
            target("p", "pipe"),
        );
        let listed = listed(printed.as_bytes()).map_err(anyhow::Error::msg)?;
        let targets: Vec<&serde_json::Value> =
            (0..3).map(|index| &listed[index]["target"]).collect();
        assert_eq!(targets, ["directory", "missing", "other"]);
        Ok(())
    }

    /// The script itself, as a shell runs it.
    #[test]
    fn the_script_lists_what_libcni_would_read() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        let large = "x".repeat(300 * 1024);
        std::fs::write(at("10-large.conflist"), &large)?;
        std::fs::write(at("large.log"), &large)?;
        std::fs::create_dir(at("lanes"))?;
        std::fs::write(at("lanes/20-b.conf"), "{}")?;
        std::fs::write(at("lanes/secret.kubeconfig"), "token")?;
        std::os::unix::fs::symlink("10-large.conflist", at("05-link.conf"))?;
        std::os::unix::fs::symlink("nowhere", at("06-gone.conf"))?;
        std::os::unix::fs::symlink("07-self.conf", at("07-self.conf"))?;
        std::os::unix::fs::symlink("lanes", at("tracks"))?;
        let path = folder.path().to_string_lossy();
        let ended = std::process::Command::new("sh")
            .args(["-c", super::SCRIPT, "list", &path, "contents"])
            .output()?;
        assert_eq!(
            ended.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&ended.stderr)
        );
        let listed = listed(&ended.stdout).map_err(anyhow::Error::msg)?;
        let found = |name: &str| {
            let mut files = listed.as_array().into_iter().flatten();
            files
                .find(|file| file["name"] == name)
                .cloned()
                .unwrap_or_default()
        };
        let length = |name: &str| found(name)["content"].as_str().map(str::len);
        assert_eq!(length("10-large.conflist"), Some(large.len()));
        assert_eq!(length("05-link.conf"), Some(large.len()));
        assert_eq!(length("large.log"), None);
        assert_eq!(found("05-link.conf")["target"]["file"]["size"], large.len());
        assert_eq!(found("06-gone.conf")["target"], "missing");
        assert_eq!(found("07-self.conf")["target"], "missing");
        assert_eq!(found("tracks")["target"], "directory");
        for name in ["lanes", "tracks"] {
            let entries = found(name)["entries"].clone();
            assert_eq!(entries[0]["name"], "20-b.conf");
            assert_eq!(entries[0]["content"], "{}");
            assert_eq!(entries.as_array().map(Vec::len), Some(1));
        }
        Ok(())
    }

    #[test]
    fn an_empty_folder_is_an_empty_list() {
        assert_eq!(listed(b"\0\0"), Ok(json!([])));
    }

    #[test]
    fn a_listing_that_is_cut_off_is_an_error() {
        assert_eq!(
            listed(b"f\t644\t3\t176"),
            Err("the listing is cut off".to_owned())
        );
    }

    #[test]
    fn a_file_that_went_away_has_no_content() -> Result<()> {
        let mut printed = b"f\t644\t3\t1764028800.0000000000\tgone\0\0\0\0".to_vec();
        printed.extend(tar(&[])?);
        let listed = listed(&printed).map_err(anyhow::Error::msg)?;
        assert_eq!(listed[0]["content"], json!(null));
        Ok(())
    }
}
