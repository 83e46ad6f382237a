//! When CRI-O reads its folder of configurations again: the events that its watch sees, and which of them count.
//!
//! CRI-O watches the folder of configurations and each folder of plugins, not what is below them and not what links lead
//! to. A created, written or renamed entry of any name counts; a removed one only where it is the present default's file;
//! changed attributes never. What an event does not make it read, it does not know: [`Loaded`] may differ from the folder.
//! The same from CRI-O 1.26 to 1.36; before 1.32 a pod that names an unknown network makes it read once more, which is not
//! modelled.

use super::cni_selection::{self, Folder, Network, Plugins, Selection};

/// What the watch says of an entry, in its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// It is new, or has been moved there.
    Create,
    /// Its content has changed.
    Write,
    /// It has been moved away from its name.
    Rename,
    /// It is gone.
    Remove,
    /// Its mode, owner or times have changed.
    Chmod,
}

/// The folder of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The folder of configurations.
    Configurations,
    /// A folder of plugins.
    Plugins,
}

/// One event of the watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What has happened.
    pub operation: Operation,
    /// In which folder.
    pub place: Place,
    /// The entry's name.
    pub name: String,
}

/// What somebody does to an entry of a watched folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryChange<'a> {
    /// A file is made and then written, as by a shell's `>`.
    WriteNew,
    /// A file is emptied and written again, or appended to.
    WriteAgain,
    /// An empty file, a folder or a link is made.
    Make,
    /// The target of a link is written.
    WriteThroughLink,
    /// It is moved there from a folder that is not watched, also over another file.
    MoveIn,
    /// It is moved to a folder that is not watched.
    MoveOut,
    /// It is moved to another name in its folder, also over another file.
    MoveTo(&'a str),
    /// It is removed.
    Remove,
    /// Its mode is changed.
    ChangeMode,
}

impl EntryChange<'_> {
    /// The events that the watch sees, in order. Equal ones that follow each other may come as one.
    pub fn events(self, place: Place, name: &str) -> Vec<Event> {
        let event = |operation, name: &str| Event {
            operation,
            place,
            name: name.to_owned(),
        };
        let operations: &[Operation] = match self {
            Self::MoveTo(other) => {
                return vec![
                    event(Operation::Rename, name),
                    event(Operation::Create, other),
                ];
            }
            Self::WriteNew => &[Operation::Create, Operation::Write],
            Self::WriteAgain => &[Operation::Write],
            Self::Make | Self::MoveIn => &[Operation::Create],
            Self::WriteThroughLink => &[],
            Self::MoveOut => &[Operation::Rename],
            Self::Remove => &[Operation::Remove],
            Self::ChangeMode => &[Operation::Chmod],
        };
        let operations = operations.iter();
        operations
            .map(|&operation| event(operation, name))
            .collect()
    }
}

/// What CRI-O has read last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded(Selection);

impl Loaded {
    /// What it reads at its start.
    pub fn at_start(folder: Folder<'_>, plugins: &Plugins) -> Self {
        Self(cni_selection::select(folder, plugins))
    }

    /// What it took of the folder.
    pub fn selection(&self) -> &Selection {
        &self.0
    }

    /// The network that it gives to a new sandbox; none where it had no usable file.
    pub fn default_network(&self) -> Option<&Network> {
        self.0.winner()
    }

    /// Whether it reads again on an event.
    pub fn reads_again_on(&self, event: &Event) -> bool {
        match event.operation {
            Operation::Create | Operation::Write | Operation::Rename => true,
            Operation::Remove => {
                event.place == Place::Configurations
                    && self
                        .default_network()
                        .is_some_and(|network| network.file == event.name)
            }
            Operation::Chmod => false,
        }
    }

    /// Takes an event with what is there after it; whether it has read again.
    pub fn take(&mut self, event: &Event, folder: Folder<'_>, plugins: &Plugins) -> bool {
        let reads = self.reads_again_on(event);
        if reads {
            *self = Self::at_start(folder, plugins);
        }
        reads
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::observation::directory::Entry;

    fn file(name: &str) -> Entry {
        let content = format!(r#"{{"name": "of-{name}", "type": "loopback"}}"#);
        cni_selection::tests::file(name, &content)
    }

    fn loaded(names: &[&str]) -> Loaded {
        let entries: Vec<Entry> = names.iter().map(|name| file(name)).collect();
        Loaded::at_start(Folder::flat(&entries), &["loopback"].into_iter().collect())
    }

    #[rstest]
    #[case::new_file(EntryChange::WriteNew, "other", true)]
    #[case::written_again(EntryChange::WriteAgain, "b.conf", true)]
    #[case::made(EntryChange::Make, "folder", true)]
    #[case::moved_in(EntryChange::MoveIn, "c.conf", true)]
    #[case::moved_out(EntryChange::MoveOut, "b.conf", true)]
    #[case::moved(EntryChange::MoveTo("c.conf"), "b.conf", true)]
    #[case::default_removed(EntryChange::Remove, "a.conf", true)]
    #[case::other_removed(EntryChange::Remove, "b.conf", false)]
    #[case::mode(EntryChange::ChangeMode, "a.conf", false)]
    #[case::behind_a_link(EntryChange::WriteThroughLink, "a.conf", false)]
    fn only_some_changes_are_read(
        #[case] change: EntryChange<'_>,
        #[case] name: &str,
        #[case] reads: bool,
    ) {
        let loaded = loaded(&["a.conf", "b.conf"]);
        let events = change.events(Place::Configurations, name);
        assert_eq!(
            events.iter().any(|event| loaded.reads_again_on(event)),
            reads
        );
    }

    #[rstest]
    #[case(EntryChange::Remove, false)]
    #[case(EntryChange::MoveIn, true)]
    #[case(EntryChange::ChangeMode, false)]
    fn a_plugin_is_watched_too_but_not_its_removal(
        #[case] change: EntryChange<'_>,
        #[case] reads: bool,
    ) {
        let loaded = loaded(&["a.conf"]);
        let events = change.events(Place::Plugins, "a.conf");
        assert_eq!(
            events.iter().any(|event| loaded.reads_again_on(event)),
            reads
        );
    }

    #[test]
    fn what_was_not_read_is_not_known() {
        let mut loaded = loaded(&["a.conf"]);
        let plugins = ["loopback"].into_iter().collect();
        let changed = [file("0.conf")];
        for event in EntryChange::ChangeMode.events(Place::Configurations, "a.conf") {
            assert!(!loaded.take(&event, Folder::flat(&changed), &plugins));
        }
        let name = |loaded: &Loaded| loaded.default_network().map(|network| network.file.clone());
        assert_eq!(name(&loaded), Some("a.conf".to_owned()));
        for event in EntryChange::Remove.events(Place::Configurations, "a.conf") {
            assert!(loaded.take(&event, Folder::flat(&changed), &plugins));
        }
        assert_eq!(name(&loaded), Some("0.conf".to_owned()));
        assert_eq!(loaded.selection().winner(), loaded.default_network());
    }
}
