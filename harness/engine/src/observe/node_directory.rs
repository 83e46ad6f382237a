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

/// Prints one NUL-terminated line a file, one more NUL, and then, where contents are wanted, a tar of the files of at
/// most 256 KiB, links followed, as CRI-O follows them. A file that goes away in between is listed without content.
const SCRIPT: &str = r#"
cd "$1" || exit 1
find . -mindepth 1 -maxdepth 1 -printf '%y\t%m\t%s\t%T@\t%f\0' && printf '\0' || exit 2
[ "$2" = contents ] || exit 0
find -L . -mindepth 1 -maxdepth 1 -type f -size -257k -print0 |
    tar --create --file=- --dereference --no-recursion --ignore-failed-read --null --files-from=- || [ $? = 1 ]
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
    let mut files = BTreeMap::new();
    let mut rest = printed;
    loop {
        let end = rest.iter().position(|&byte| byte == 0);
        let end = end.ok_or("the listing is cut off")?;
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if line.is_empty() {
            break;
        }
        let line = String::from_utf8_lossy(line);
        let (name, file) = described(&line).ok_or_else(|| format!("can't read '{line}'"))?;
        files.insert(name, file);
    }
    for (name, content) in contents(rest).map_err(|error| format!("can't read the tar: {error}"))? {
        if let Some(file) = files.get_mut(&name) {
            file["content"] = content.into();
        }
    }
    Ok(files.into_values().collect())
}

/// One line of the listing: type, mode, size, time and name.
fn described(line: &str) -> Option<(String, Value)> {
    let mut fields = line.splitn(5, '\t');
    let mut field = || fields.next();
    let (kind, mode, size, time, name) = (field()?, field()?, field()?, field()?, field()?);
    let kind = match kind {
        "f" => "file",
        "d" => "directory",
        "l" => "link",
        _ => "other",
    };
    let (seconds, fraction) = time.split_once('.')?;
    let nanoseconds = fraction.get(..9)?;
    let modified = Timestamp::new(seconds.parse().ok()?, nanoseconds.parse().ok()?).ok()?;
    let file = json!({
        "name": name,
        "kind": kind,
        "mode": format!("{mode:0>4}"),
        "size": size.parse::<u64>().ok()?,
        "modified": modified.to_string(),
    });
    Some((name.to_owned(), file))
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
        let mut printed = b"l\t777\t9\t1764028801.5000000000\tz\0f\t644\t3\t1764028800.1234567890\ta b.conf\0f\t600\t2\t1764028800.0000000000\traw\0d\t700\t4096\t1764028802.0000000000\tnet\0\0".to_vec();
        printed.extend(tar(&[("a b.conf", b"{ }"), ("raw", b"\xff\xfe")])?);
        assert_eq!(
            listed(&printed).map_err(anyhow::Error::msg)?,
            json!([
                { "name": "a b.conf", "kind": "file", "mode": "0644", "size": 3, "modified": "2025-11-25T00:00:00.123456789Z", "content": "{ }" },
                { "name": "net", "kind": "directory", "mode": "0700", "size": 4096, "modified": "2025-11-25T00:00:02Z" },
                { "name": "raw", "kind": "file", "mode": "0600", "size": 2, "modified": "2025-11-25T00:00:00Z", "content": "\u{fffd}\u{fffd}" },
                { "name": "z", "kind": "link", "mode": "0777", "size": 9, "modified": "2025-11-25T00:00:01.5Z" },
            ])
        );
        Ok(())
    }

    #[test]
    fn an_empty_folder_is_an_empty_list() {
        assert_eq!(listed(b"\0"), Ok(json!([])));
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
        let mut printed = b"f\t644\t3\t1764028800.0000000000\tgone\0\0".to_vec();
        printed.extend(tar(&[])?);
        let listed = listed(&printed).map_err(anyhow::Error::msg)?;
        assert_eq!(listed[0]["content"], json!(null));
        Ok(())
    }
}
