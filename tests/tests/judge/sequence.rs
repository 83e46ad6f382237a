//! Sequences of what people and installers do to the files that CRI-O watches.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::Result;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use rehearse_core::observation::cni_reload::{EntryChange, Event, Place};
use rehearse_core::observation::cni_selection::Plugins;

use crate::configuration::{Content, Item, content, usable};
use crate::folder::{Items, make};
use crate::node::{Node, OLD, program};

/// Few names, so that changes meet.
const NAMES: [&str; 8] = [
    "00.conf",
    "10.conflist",
    "10.conf",
    "20.json",
    "30.conf",
    "note.txt",
    "10.conf.tmp",
    ".x.conf",
];
const PLUGIN: &str = "old";

/// What is done; it applies to what is there at that time, or else nothing is done.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Write(&'static str, Content),
    WriteThroughLink(Index, Content),
    MakeEmpty(&'static str),
    MakeFolder(&'static str),
    MakeLink(&'static str, Content),
    MakeDanglingLink(&'static str),
    MoveIn(&'static str, Content),
    MoveOut(Index),
    MoveTo(Index, &'static str),
    WriteThenMove(&'static str, Content),
    Remove(Index),
    ChangeMode(Index),
    PluginMovedIn,
    PluginRemoved,
    PluginMode(bool),
}

/// A sequence with what is there at first.
#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    pub(crate) first: Items,
    pub(crate) acts: Vec<Act>,
}

pub(crate) fn sequence() -> impl Strategy<Value = Sequence> {
    let first = vec(named(), 0..4).prop_map(|files| {
        let files = files.into_iter();
        files
            .map(|(name, content)| (name.to_owned(), Item::File(content)))
            .collect()
    });
    (first, vec(act(), 2..8)).prop_map(|(first, acts)| Sequence { first, acts })
}

fn named() -> impl Strategy<Value = (&'static str, Content)> {
    select(&NAMES[..]).prop_flat_map(|name| {
        let content = prop_oneof![4 => usable(name), 1 => content(name)];
        (Just(name), content)
    })
}

fn act() -> impl Strategy<Value = Act> {
    let name = || select(&NAMES[..]);
    let index = || any::<Index>();
    prop_oneof![
        5 => named().prop_map(|(name, content)| Act::Write(name, content)),
        2 => (index(), usable("x.conf")).prop_map(|(index, content)| Act::WriteThroughLink(index, content)),
        1 => name().prop_map(Act::MakeEmpty),
        1 => name().prop_map(Act::MakeFolder),
        2 => named().prop_map(|(name, content)| Act::MakeLink(name, content)),
        1 => name().prop_map(Act::MakeDanglingLink),
        3 => named().prop_map(|(name, content)| Act::MoveIn(name, content)),
        3 => index().prop_map(Act::MoveOut),
        3 => (index(), name()).prop_map(|(index, name)| Act::MoveTo(index, name)),
        2 => named().prop_map(|(name, content)| Act::WriteThenMove(name, content)),
        5 => index().prop_map(Act::Remove),
        2 => index().prop_map(Act::ChangeMode),
        1 => Just(Act::PluginMovedIn),
        1 => Just(Act::PluginRemoved),
        1 => any::<bool>().prop_map(Act::PluginMode),
    ]
}

/// The watched folder, its entries and the plugins, as acts change them.
pub(crate) struct World<'a> {
    pub(crate) node: &'a mut Node,
    pub(crate) items: Items,
    pub(crate) plugins: Plugins,
    made: usize,
}

impl<'a> World<'a> {
    /// The watched folder, cleared; what links led to is left where it is.
    pub(crate) fn new(node: &'a mut Node, made: usize) -> Result<Self> {
        for entry in std::fs::read_dir(node.watched())? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                std::fs::remove_dir_all(entry.path())?;
            } else {
                std::fs::remove_file(entry.path())?;
            }
        }
        let plugin = node.plugin_folder().join(PLUGIN);
        if plugin.exists() {
            // Its text never changes, and a program that CRI-O may be starting can't be written to.
            std::fs::set_permissions(&plugin, Permissions::from_mode(0o755))?;
        } else {
            let outside = node.cni().join("outside").join(PLUGIN);
            program(&outside, 0o755, OLD)?;
            std::fs::rename(outside, plugin)?;
        }
        node.clear_sandboxes()?;
        let plugins = node.plugins.clone();
        Ok(Self {
            node,
            items: Items::new(),
            plugins,
            made,
        })
    }

    /// Makes an entry.
    pub(crate) fn put(&mut self, name: &str, item: Item) -> Result<()> {
        self.made += 1;
        let targets = self.node.cni().join("targets");
        make(&self.node.watched().join(name), &item, &targets, self.made)?;
        self.items.insert(name.to_owned(), item);
        Ok(())
    }

    /// The number of entries that were made so far.
    pub(crate) fn made(&self) -> usize {
        self.made
    }

    fn pick(&self, index: Index, is_fit: impl Fn(&Item) -> bool) -> Option<String> {
        let fit = self.items.iter().filter(|(_, item)| is_fit(item));
        let names: Vec<&String> = fit.map(|(name, _)| name).collect();
        (!names.is_empty()).then(|| (*index.get(&names)).clone())
    }

    fn is_folder(&self, name: &str) -> bool {
        matches!(self.items.get(name), Some(Item::Folder(_)))
    }

    /// Does it: the events that CRI-O's watch sees of it, or none where it does not apply.
    pub(crate) fn perform(&mut self, act: &Act) -> Result<Option<Vec<Event>>> {
        let changed = match act {
            Act::Write(name, content) => self.write(name, content)?,
            Act::WriteThroughLink(index, content) => self.write_through_link(*index, content)?,
            Act::MakeEmpty(name) => self.make_new(name, Item::File(Content(Vec::new())))?,
            Act::MakeFolder(name) => self.make_new(name, Item::Folder(Vec::new()))?,
            Act::MakeLink(name, content) => self.make_new(name, Item::Link(content.clone()))?,
            Act::MakeDanglingLink(name) => self.make_new(name, Item::DanglingLink)?,
            Act::MoveIn(name, content) => self.move_in(name, content)?,
            Act::MoveOut(index) => self.move_out(*index)?,
            Act::MoveTo(index, other) => self.move_to(*index, other)?,
            Act::WriteThenMove(name, content) => self.write_then_move(name, content)?,
            Act::Remove(index) => self.remove(*index)?,
            Act::ChangeMode(index) => self.change_mode(*index)?,
            Act::PluginMovedIn => Some(self.move_plugin_in()?),
            Act::PluginRemoved => self.remove_plugin()?,
            Act::PluginMode(may_run) => self.change_plugin_mode(*may_run)?,
        };
        Ok(changed)
    }

    fn write(&mut self, name: &str, content: &Content) -> Result<Option<Vec<Event>>> {
        let change = match self.items.get(name) {
            None => EntryChange::WriteNew,
            Some(Item::File(_)) => EntryChange::WriteAgain,
            Some(_) => return Ok(None),
        };
        self.put(name, Item::File(content.clone()))?;
        Ok(Some(configuration(change, name)))
    }

    fn write_through_link(
        &mut self,
        index: Index,
        content: &Content,
    ) -> Result<Option<Vec<Event>>> {
        let Some(name) = self.pick(index, |item| matches!(item, Item::Link(_))) else {
            return Ok(None);
        };
        std::fs::write(self.node.watched().join(&name), &content.0)?;
        self.items.insert(name.clone(), Item::Link(content.clone()));
        Ok(Some(configuration(EntryChange::WriteThroughLink, &name)))
    }

    fn make_new(&mut self, name: &str, item: Item) -> Result<Option<Vec<Event>>> {
        if self.items.contains_key(name) {
            return Ok(None);
        }
        self.put(name, item)?;
        Ok(Some(configuration(EntryChange::Make, name)))
    }

    fn move_in(&mut self, name: &str, content: &Content) -> Result<Option<Vec<Event>>> {
        if self.is_folder(name) {
            return Ok(None);
        }
        let outside = self.node.cni().join("outside").join(name);
        std::fs::write(&outside, &content.0)?;
        std::fs::rename(outside, self.node.watched().join(name))?;
        self.items
            .insert(name.to_owned(), Item::File(content.clone()));
        Ok(Some(configuration(EntryChange::MoveIn, name)))
    }

    fn move_out(&mut self, index: Index) -> Result<Option<Vec<Event>>> {
        let Some(name) = self.pick(index, |_| true) else {
            return Ok(None);
        };
        self.made += 1;
        let outside = format!("outside/moved-{}", self.made);
        std::fs::rename(
            self.node.watched().join(&name),
            self.node.cni().join(outside),
        )?;
        self.items.remove(&name);
        Ok(Some(configuration(EntryChange::MoveOut, &name)))
    }

    fn move_to(&mut self, index: Index, other: &str) -> Result<Option<Vec<Event>>> {
        let Some(name) = self.pick(index, |item| !matches!(item, Item::Folder(_))) else {
            return Ok(None);
        };
        if name == other || self.is_folder(other) {
            return Ok(None);
        }
        let watched = self.node.watched();
        std::fs::rename(watched.join(&name), watched.join(other))?;
        if let Some(item) = self.items.remove(&name) {
            self.items.insert(other.to_owned(), item);
        }
        Ok(Some(configuration(EntryChange::MoveTo(other), &name)))
    }

    fn write_then_move(&mut self, name: &str, content: &Content) -> Result<Option<Vec<Event>>> {
        if self.is_folder(name) {
            return Ok(None);
        }
        let (temporary, watched) = (format!("{name}.new"), self.node.watched());
        std::fs::write(watched.join(&temporary), &content.0)?;
        std::fs::rename(watched.join(&temporary), watched.join(name))?;
        self.items
            .insert(name.to_owned(), Item::File(content.clone()));
        let mut events = configuration(EntryChange::WriteNew, &temporary);
        events.extend(configuration(EntryChange::MoveTo(name), &temporary));
        Ok(Some(events))
    }

    fn remove(&mut self, index: Index) -> Result<Option<Vec<Event>>> {
        let Some(name) = self.pick(index, |_| true) else {
            return Ok(None);
        };
        let path = self.node.watched().join(&name);
        if self.is_folder(&name) {
            std::fs::remove_dir_all(path)?;
        } else {
            std::fs::remove_file(path)?;
        }
        self.items.remove(&name);
        Ok(Some(configuration(EntryChange::Remove, &name)))
    }

    fn change_mode(&mut self, index: Index) -> Result<Option<Vec<Event>>> {
        let is_here = |item: &Item| matches!(item, Item::File(_) | Item::Folder(_));
        let Some(name) = self.pick(index, is_here) else {
            return Ok(None);
        };
        let path = self.node.watched().join(&name);
        std::fs::set_permissions(path, Permissions::from_mode(0o700))?;
        Ok(Some(configuration(EntryChange::ChangeMode, &name)))
    }

    fn move_plugin_in(&mut self) -> Result<Vec<Event>> {
        let outside = self.node.cni().join("outside").join(PLUGIN);
        program(&outside, 0o755, OLD)?;
        std::fs::rename(outside, self.node.plugin_folder().join(PLUGIN))?;
        self.ask_again()?;
        Ok(EntryChange::MoveIn.events(Place::Plugins, PLUGIN))
    }

    fn remove_plugin(&mut self) -> Result<Option<Vec<Event>>> {
        let path = self.node.plugin_folder().join(PLUGIN);
        if !path.exists() {
            return Ok(None);
        }
        std::fs::remove_file(path)?;
        self.plugins.remove(PLUGIN);
        Ok(Some(EntryChange::Remove.events(Place::Plugins, PLUGIN)))
    }

    fn change_plugin_mode(&mut self, may_run: bool) -> Result<Option<Vec<Event>>> {
        let path = self.node.plugin_folder().join(PLUGIN);
        if !path.exists() {
            return Ok(None);
        }
        let mode = if may_run { 0o755 } else { 0o644 };
        std::fs::set_permissions(path, Permissions::from_mode(mode))?;
        self.ask_again()?;
        Ok(Some(EntryChange::ChangeMode.events(Place::Plugins, PLUGIN)))
    }

    fn ask_again(&mut self) -> Result<()> {
        let answer = self.node.ask_plugin(PLUGIN)?;
        self.plugins.asked(PLUGIN, answer);
        Ok(())
    }
}

fn configuration(change: EntryChange<'_>, name: &str) -> Vec<Event> {
    change.events(Place::Configurations, name)
}
