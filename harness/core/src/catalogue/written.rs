//! The components as `kind/catalogue.yaml` writes them, made into one entry a version.
//!
//! A component has what all its versions share (`common`), recipes for ranges of versions, and versions that say only what
//! differs. An entry is common, recipe and version laid over each other in this order, with the `{{ }}` of its texts filled in
//! from `version`, its numbers, the component's own `values`, and the versions of the components that come `with` it.

use std::collections::BTreeMap;
use std::ops::Range;

use semver::{Version, VersionReq};

use super::Entry;
use crate::problem::known_names;
use crate::template;
use crate::version::is_meant_for;
use crate::yaml::{self, Fields, Node, Reading};

/// All components: each version's entry, by name.
pub(super) type Components = BTreeMap<String, BTreeMap<Version, Entry>>;

/// What an entry consists of.
const ENTRY: [&str; 5] = ["with", "tried", "module", "registry", "local"];

/// What is common to all, and a version, may say.
const PART: [&str; 6] = ["values", "with", "tried", "module", "registry", "local"];

/// What a recipe may say.
const RECIPE: [&str; 7] = [
    "for", "values", "with", "tried", "module", "registry", "local",
];

/// One recipe, laid over what is common to all.
struct Recipe<'a> {
    range: VersionReq,
    tree: Node,
    of: &'a str,
}

/// Reads the components; what is wrong with them, the reading has.
pub(super) fn components(tree: &Node, reading: &Reading<'_>) -> Components {
    let components = tree.pairs();
    let components: Components = components
        .map(|(name, _, node)| (name.to_owned(), component(name, node, reading)))
        .collect();
    for (_, _, node) in tree.pairs() {
        for part in parts(node) {
            companions(part, &components, reading);
        }
    }
    components
}

/// Everything of a component in which an entry's keys are written.
fn parts(node: &Node) -> impl Iterator<Item = &Node> {
    let recipes = node.child("recipes").into_iter().flat_map(Node::items);
    let versions = node.child("versions").into_iter().flat_map(Node::pairs);
    let versions = versions.map(|(_, _, version)| version);
    node.child("common")
        .into_iter()
        .chain(recipes)
        .chain(versions)
}

fn component(name: &str, node: &Node, reading: &Reading<'_>) -> BTreeMap<Version, Entry> {
    const KEYS: [&str; 3] = ["common", "recipes", "versions"];
    if Fields::of(node, &KEYS, reading).is_none() {
        return BTreeMap::new();
    }
    let nothing = Node::default();
    let common = node.child("common");
    common.and_then(|common| Fields::of(common, &PART, reading));
    let common = common.unwrap_or(&nothing);
    let written = node.child("recipes").map(Node::items).unwrap_or_default();
    let recipes = written.iter();
    let recipes: Vec<Recipe<'_>> = recipes
        .filter_map(|recipe| Recipe::read(name, common, recipe, reading))
        .collect();
    if recipes.len() < written.len() {
        return BTreeMap::new();
    }
    let versions = node.child("versions").into_iter().flat_map(Node::pairs);
    let versions = versions.filter_map(|(text, place, written)| {
        let Ok(version) = text.parse::<Version>() else {
            let message = format!("expected a version such as `3.28.4`, found `{text}`");
            reading.problem(place, message);
            return None;
        };
        let recipe = only_recipe(&recipes, name, &version, place, reading)?;
        let entry = recipe.entry(&version, written, reading)?;
        Some((version, entry))
    });
    versions.collect()
}

/// The recipe that is for a version; none where there is not exactly one, and then the reading has the problem.
fn only_recipe<'a>(
    recipes: &'a [Recipe<'a>],
    name: &str,
    version: &Version,
    place: Range<usize>,
    reading: &Reading<'_>,
) -> Option<&'a Recipe<'a>> {
    let meant: Vec<_> = recipes
        .iter()
        .filter(|recipe| is_meant_for(&recipe.range, version))
        .collect();
    let ranges = |recipes: &mut dyn Iterator<Item = &Recipe<'_>>| {
        let ranges: Vec<_> = recipes
            .map(|recipe| format!("`{}`", recipe.range))
            .collect();
        ranges.join(", ")
    };
    let (message, hint) = match meant.as_slice() {
        [recipe] => return Some(recipe),
        [] => (
            format!("no recipe is for {name} {version}"),
            match ranges(&mut recipes.iter()) {
                ranges if ranges.is_empty() => format!("{name} has no recipe"),
                ranges => format!("there are recipes for {ranges}"),
            },
        ),
        several => (
            format!("{} recipes are for {name} {version}", several.len()),
            format!("they are for {}", ranges(&mut several.iter().copied())),
        ),
    };
    reading.problem_with_hint(place, message, hint);
    None
}

impl<'a> Recipe<'a> {
    fn read(of: &'a str, common: &Node, written: &Node, reading: &Reading<'_>) -> Option<Self> {
        Fields::of(written, &RECIPE, reading)?;
        let range = match written.child("for") {
            Some(range) => yaml::value(range, reading)?,
            None => VersionReq::STAR,
        };
        let tree = common.under(written);
        // What no version uses is read too.
        yaml::value::<Entry>(&tree.only_keys(&ENTRY), reading)?;
        Some(Self { range, tree, of })
    }

    fn entry(&self, version: &Version, written: &Node, reading: &Reading<'_>) -> Option<Entry> {
        Fields::of(written, &PART, reading)?;
        let tree = self.tree.under(written);
        let mut values = BTreeMap::from([
            ("version".to_owned(), version.to_string()),
            ("major".to_owned(), version.major.to_string()),
            ("minor".to_owned(), version.minor.to_string()),
            ("patch".to_owned(), version.patch.to_string()),
        ]);
        for (name, _, node) in tree.child("with").into_iter().flat_map(Node::pairs) {
            let version = node.as_text().unwrap_or_default().to_owned();
            values.insert(name.replace('-', "_"), version);
        }
        let known = values.clone();
        for (name, _, node) in tree.child("values").into_iter().flat_map(Node::pairs) {
            let text: String = yaml::value(node, reading)?;
            values.insert(
                name.to_owned(),
                self.filled(node, &text, version, &known, reading),
            );
        }
        let filled = tree
            .only_keys(&ENTRY)
            .with_texts(&mut |node, text| self.filled(node, text, version, &values, reading));
        yaml::value(&filled, reading)
    }

    /// A text with its variables filled in.
    fn filled(
        &self,
        node: &Node,
        text: &str,
        version: &Version,
        values: &BTreeMap<String, String>,
        reading: &Reading<'_>,
    ) -> String {
        if !text.contains("{{") {
            return text.to_owned();
        }
        template::render("", text, values).unwrap_or_else(|problem| {
            let message = format!("{} {version}: {}", self.of, problem.message);
            let hint = problem.hint.unwrap_or_default();
            reading.problem_with_hint(node.span(), message, hint);
            String::new()
        })
    }
}

/// Tells of components and versions that come with this one and are not there.
fn companions(part: &Node, components: &Components, reading: &Reading<'_>) {
    for (name, place, node) in part.child("with").into_iter().flat_map(Node::pairs) {
        let Some(versions) = components.get(name) else {
            let known = components.keys().map(String::as_str);
            let message = format!("there is no component {name}");
            reading.problem_with_hint(place, message, known_names(name, known));
            continue;
        };
        let version = node.as_text().and_then(|text| text.parse::<Version>().ok());
        let version = version.filter(|version| !versions.contains_key(version));
        // Where none could be read, that has been told.
        if let Some(version) = version.filter(|_| !versions.is_empty()) {
            let known: Vec<_> = versions.keys().map(Version::to_string).collect();
            let message = format!("there is no {name} {version}");
            let hint = format!("known: {}", known.join(", "));
            reading.problem_with_hint(node.span(), message, hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::catalogue::Catalogue;
    use crate::problem::Problems;

    const TEXT: &str = "\
pins: {}
components:
  operator: { recipes: [{ module: {} }], versions: { 1.2.0: {} } }
  weft:
    common:
      values: { tag: 'v{{ version }}' }
      module:
        notes: [ours]
        go: { module: example.org/weft, version: '{{ tag }}', toolchain: go1.26.8 }
        images:
          agent: { references: ['weft/agent:{{ tag }}'], user: '999' }
          plugin: { references: ['weft/plugin:{{ tag }}'] }
    recipes:
      - { for: '>=2.0.0', module: { images: { agent: { user: ~, command: ['{{ operator }}'] } } } }
      - { for: '<2.0.0', values: { tag: v1 } }
    versions:
      1.4.0: { module: { go: { toolchain: go1.19 } } }
      2.1.0: { with: { operator: 1.2.0 } }
";

    fn told(text: &str) -> String {
        Catalogue::parse("catalogue.yaml", text)
            .map_or_else(|problems| problems.to_string(), |_| "no problem".to_owned())
    }

    #[test]
    fn a_version_is_its_recipe_with_what_differs() -> Result<(), Problems> {
        let catalogue = Catalogue::parse("catalogue.yaml", TEXT)?;
        let of = |version: [u64; 3]| {
            let version = semver::Version::new(version[0], version[1], version[2]);
            catalogue.components["weft"][&version]
                .module
                .clone()
                .unwrap_or_default()
        };
        let (old, new) = (of([1, 4, 0]), of([2, 1, 0]));
        assert_eq!(
            (&old.notes, &new.notes),
            (&vec!["ours".to_owned()], &old.notes)
        );
        let go = old.go.unwrap_or_default();
        assert_eq!(
            (go.version.as_str(), go.toolchain.as_str()),
            ("v1", "go1.19")
        );
        let go = new.go.unwrap_or_default();
        assert_eq!(
            (go.version.as_str(), go.toolchain.as_str()),
            ("v2.1.0", "go1.26.8")
        );
        let references: Vec<_> = new
            .images
            .iter()
            .map(|image| image.references[0].as_str())
            .collect();
        assert_eq!(references, ["weft/agent:v2.1.0", "weft/plugin:v2.1.0"]);
        assert_eq!(
            (old.images[0].user.as_str(), new.images[0].user.as_str()),
            ("999", "")
        );
        assert_eq!(new.images[0].command, ["1.2.0"]);
        Ok(())
    }

    #[test]
    fn a_version_has_exactly_one_recipe() {
        assert_snapshot!(told(&TEXT.replace("'<2.0.0'", "'<1.4.0'")), @r"
        error: no recipe is for weft 1.4.0
          --> catalogue.yaml:17:7
           |
        17 |       1.4.0: { module: { go: { toolchain: go1.19 } } }
           |       ^^^^^
           |
           = hint: there are recipes for `>=2.0.0`, `<1.4.0`
        ");
        assert_snapshot!(told(&TEXT.replace("'<2.0.0'", "'<2.2.0'")), @r"
        error: 2 recipes are for weft 2.1.0
          --> catalogue.yaml:18:7
           |
        18 |       2.1.0: { with: { operator: 1.2.0 } }
           |       ^^^^^
           |
           = hint: they are for `>=2.0.0`, `<2.2.0`
        ");
        assert_snapshot!(told(&TEXT.replace("recipes: [{ module: {} }], ", "")), @r"
        error: no recipe is for operator 1.2.0
         --> catalogue.yaml:3:27
          |
        3 |   operator: { versions: { 1.2.0: {} } }
          |                           ^^^^^
          |
          = hint: operator has no recipe
        ");
    }

    #[test]
    fn what_is_mistyped_is_shown_where_it_is_written() {
        assert_snapshot!(told(&TEXT.replace("toolchain: go1.19", "toolchian: go1.19")), @r"
        error: unknown key `toolchian`
          --> catalogue.yaml:17:32
           |
        17 |       1.4.0: { module: { go: { toolchian: go1.19 } } }
           |                                ^^^^^^^^^
           |
           = hint: did you mean `toolchain`? Known: module, version, toolchain, cgo, sum, tags, variables, replacements, stand-ins, folders, programs
        ");
        assert_snapshot!(told(&TEXT.replace("{ with:", "{ wiht:")), @r"
        error: weft 2.1.0: unknown variable `operator`
          --> catalogue.yaml:14:75
           |
        14 |       - { for: '>=2.0.0', module: { images: { agent: { user: ~, command: ['{{ operator }}'] } } } }
           |                                                                           ^^^^^^^^^^^^^^^^
           |
           = hint: known: major, minor, patch, tag, version

        error: unknown key `wiht`
          --> catalogue.yaml:18:16
           |
        18 |       2.1.0: { wiht: { operator: 1.2.0 } }
           |                ^^^^
           |
           = hint: did you mean `with`? Known: values, with, tried, module, registry, local
        ");
        assert_snapshot!(told(&TEXT.replace("1.4.0:", "1.4:")), @r"
        error: expected a version such as `3.28.4`, found `1.4`
          --> catalogue.yaml:17:7
           |
        17 |       1.4: { module: { go: { toolchain: go1.19 } } }
           |       ^^^
        ");
        assert_snapshot!(told(&TEXT.replace("weft/plugin:{{ tag }}", "weft/plugin:{{ tga }}")), @r"
        error: weft 1.4.0: unknown variable `tga`
          --> catalogue.yaml:12:34
           |
        12 |           plugin: { references: ['weft/plugin:{{ tga }}'] }
           |                                  ^^^^^^^^^^^^^^^^^^^^^^^
           |
           = hint: did you mean `tag`? Known: major, minor, patch, tag, version

        error: weft 2.1.0: unknown variable `tga`
          --> catalogue.yaml:12:34
           |
        12 |           plugin: { references: ['weft/plugin:{{ tga }}'] }
           |                                  ^^^^^^^^^^^^^^^^^^^^^^^
           |
           = hint: did you mean `tag`? Known: major, minor, operator, patch, tag, version
        ");
        assert_snapshot!(told(&TEXT.replace("for: '>=2.0.0'", "for: '2.x.y'")), @r"
        error: failed to read `2.x.y`: unexpected character after wildcard in version req
          --> catalogue.yaml:14:16
           |
        14 |       - { for: '2.x.y', module: { images: { agent: { user: ~, command: ['{{ operator }}'] } } } }
           |                ^^^^^^^
        ");
    }

    #[test]
    fn what_comes_with_a_version_is_there() {
        assert_snapshot!(told(&TEXT.replace("operator: 1.2.0 }", "operator: 1.3.0 }")), @r"
        error: there is no operator 1.3.0
          --> catalogue.yaml:18:34
           |
        18 |       2.1.0: { with: { operator: 1.3.0 } }
           |                                  ^^^^^
           |
           = hint: known: 1.2.0
        ");
        assert_snapshot!(told(&TEXT.replace("with: { operator:", "with: { oprator:").replace("{{ operator }}", "x")), @r"
        error: there is no component oprator
          --> catalogue.yaml:18:24
           |
        18 |       2.1.0: { with: { oprator: 1.2.0 } }
           |                        ^^^^^^^
           |
           = hint: did you mean `operator`? Known: operator, weft
        ");
    }
}
