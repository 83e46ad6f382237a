//! The text files of a scenario's folder: UTF-8, and none of them out of the folder by a link. It knows no file's meaning.

use std::path::Path;
use std::{env, fs, io};

use anyhow::Context as _;
use rehearse_core::problem::{Problem, Problems, SourceText};

/// How many bytes a file may have: a scenario's are texts that people write.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Reads a file of a scenario by its path in the folder; none where there is no such file.
///
/// # Errors
/// [`Problems`] where the file is a link out of the folder, by itself or by a folder on its way, where it is no file or a
/// large one, and with the place of the first byte that is no UTF-8; [`io::Error`] where the machine does not give it.
pub(crate) fn read_within(folder: &Path, name: &str) -> anyhow::Result<Option<String>> {
    let path = folder.join(name);
    let wrong = |message: String, hint: &str| {
        let problem = Problem::new(&path.display().to_string(), message).with_hint(hint);
        anyhow::Error::from(Problems::from(problem))
    };
    let real = match path.canonicalize() {
        Ok(real) => real,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(error).with_context(|| format!("failed to find {}", path.display()));
        }
        // A link that leads back to itself, a name that is too long, a file where a folder is named.
        Err(error) => {
            let hint = "put the file itself into the folder";
            return Err(wrong(format!("it leads to no file: {error}"), hint));
        }
    };
    let inside = folder
        .canonicalize()
        .with_context(|| format!("failed to find {}", folder.display()))?;
    if !real.starts_with(&inside) {
        return Err(wrong(
            format!(
                "it leaves the scenario's folder: it is a link to {}",
                real.display()
            ),
            "put a copy of the file into the folder",
        ));
    }
    let failed = || format!("failed to read {}", path.display());
    let found = fs::metadata(&real).with_context(failed)?;
    if !found.is_file() {
        let what = if found.is_dir() {
            "a folder"
        } else {
            "no file"
        };
        return Err(wrong(
            format!("it is {what}"),
            "name a text file of the folder",
        ));
    }
    if found.len() > LARGEST {
        return Err(wrong(
            format!("it has {} bytes", found.len()),
            "a file of a scenario is a text of at most 16 MiB",
        ));
    }
    let bytes = fs::read(&real).with_context(failed)?;
    as_text(&path, bytes).map(Some)
}

fn as_text(path: &Path, bytes: Vec<u8>) -> anyhow::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let byte = error.as_bytes()[at];
        // What replaces the bad byte begins where that byte stands, as all before it is the same.
        let text = String::from_utf8_lossy(error.as_bytes());
        let source = SourceText::new(&path.display().to_string(), &text);
        let message = format!("the byte 0x{byte:02x} is no UTF-8");
        let problem = source
            .problem(at..at + char::REPLACEMENT_CHARACTER.len_utf8(), message)
            .with_hint("save the file as UTF-8");
        Problems::from(problem).into()
    })
}

/// The path of a file as reports tell it: from the root of the repository that it is in, as those who show a repository
/// want it; where it is in none, from the current folder; and from the machine's root where it is not below that either. A
/// link is told as the file that it leads to.
pub(crate) fn reported(path: &Path) -> String {
    let Ok(real) = path.canonicalize() else {
        return path.display().to_string();
    };
    let mut above = real.ancestors().skip(1);
    let repository = above.find(|folder| folder.join(".git").exists());
    let current = env::current_dir().and_then(|folder| folder.canonicalize());
    let from = repository.map(Path::to_owned).or(current.ok());
    let below = from.and_then(|from| real.strip_prefix(from).ok().map(Path::to_owned));
    below.unwrap_or(real).display().to_string()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn told<T: std::fmt::Debug>(result: anyhow::Result<T>) -> String {
        match result {
            Ok(read) => format!("{read:?}"),
            Err(error) => match error.downcast_ref::<Problems>() {
                Some(problems) => problems.render(false),
                None => format!("{error:#}"),
            },
        }
    }

    #[test]
    fn a_bad_byte_is_shown_where_it_stands() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let text = b"first: fine\nsecond: caf\xe9 au lait\n";
        fs::write(folder.path().join("note.yaml"), text)?;
        let told = told(read_within(folder.path(), "note.yaml"))
            .replace(&folder.path().display().to_string(), "FOLDER");
        let first: Vec<&str> = told.lines().take(2).collect();
        assert_eq!(
            first,
            [
                "error: the byte 0xe9 is no UTF-8",
                " --> FOLDER/note.yaml:2:12"
            ]
        );
        Ok(())
    }

    #[test]
    fn a_file_is_reported_from_the_root_of_its_repository() -> anyhow::Result<()> {
        let outside = tempfile::tempdir()?;
        let folder = outside.path().canonicalize()?;
        let inside = folder.join("guide/scenarios/one");
        fs::create_dir_all(&inside)?;
        let path = inside.join("scenario.yaml");
        fs::write(&path, "")?;
        assert_eq!(reported(&path), path.display().to_string());
        // A worktree has a file of this name, a clone a folder.
        fs::write(folder.join("guide/.git"), "gitdir: elsewhere\n")?;
        assert_eq!(reported(&path), "scenarios/one/scenario.yaml");
        symlink(&path, folder.join("link.yaml"))?;
        assert_eq!(
            reported(&folder.join("link.yaml")),
            "scenarios/one/scenario.yaml"
        );
        assert_eq!(reported(Path::new("not/there")), "not/there");
        Ok(())
    }

    #[test]
    fn a_link_out_of_the_folder_is_refused_and_one_inside_is_not() -> anyhow::Result<()> {
        let outside = tempfile::tempdir()?;
        fs::write(outside.path().join("theirs"), "not mine")?;
        let folder = tempfile::tempdir()?;
        let inside = folder.path();
        fs::write(inside.join("own"), "mine")?;
        symlink("own", inside.join("alias"))?;
        symlink(outside.path().join("theirs"), inside.join("file"))?;
        symlink(outside.path(), inside.join("folder"))?;
        assert_eq!(read_within(inside, "alias")?.as_deref(), Some("mine"));
        assert_eq!(read_within(inside, "not-there")?, None);
        for name in ["file", "folder/theirs"] {
            let told = told(read_within(inside, name));
            assert!(told.contains("leaves the scenario's folder"), "{told}");
        }
        Ok(())
    }

    #[test]
    fn what_is_no_text_file_is_told_as_what_it_is() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let inside = folder.path();
        fs::create_dir(inside.join("manifests"))?;
        symlink("around", inside.join("around"))?;
        fs::write(inside.join("file"), "")?;
        fs::File::create(inside.join("large"))?.set_len(LARGEST + 1)?;
        for (name, wanted) in [
            ("manifests", "it is a folder"),
            ("around", "it leads to no file"),
            ("file/inside", "it leads to no file"),
            ("large", "it has 16777217 bytes"),
        ] {
            let told = told(read_within(inside, name));
            assert!(told.contains(wanted), "{name}: {told}");
        }
        Ok(())
    }
}
