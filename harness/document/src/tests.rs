use std::fmt::Write as _;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;

fn outline(document: &Document) -> String {
    let mut out = String::new();
    for block in &document.blocks {
        let fence = block.fence.as_ref().map_or_else(String::new, |fence| {
            format!(" {} `{}` {:?}", fence.opening, fence.info, fence.closing)
        });
        writeln!(out, "{} {:?}{fence}", block.lines, block.kind).unwrap_or_default();
        for piece in &block.pieces {
            let line = document.content(piece).lines().next().unwrap_or_default();
            writeln!(out, "    {} {:?} {line}", piece.lines, piece.kind).unwrap_or_default();
        }
    }
    out
}

#[test]
fn a_fence_with_prompts_is_commands_and_what_they_printed() {
    let text = "\
# Title

Use `kubectl get pods` to look.

```
kubectl apply -f - <<END
kind: A
END

admin@node-1:~$ kubectl get pods
NAME   READY   STATUS
a      1/1     Running
kubectl describe pod/a
...
Name: a
/ # ip route
default via 192.0.2.1 dev eth0
```
- one
- two

```yaml
apiVersion: v1
```
";
    let document = Document::parse("a.md", text);
    assert_snapshot!(outline(&document), @r"
        1 Heading
        3 Prose
        6-17 Transcript 5 `` Some(18)
            6-8 Command kubectl apply -f - <<END
            10 Command kubectl get pods
            11-12 Output NAME   READY   STATUS
            13 Command kubectl describe pod/a
            14-15 Output ...
            16 Command ip route
            17 Output default via 192.0.2.1 dev eth0
        19-20 Prose
        23 File 22 `yaml` Some(24)
            23 File apiVersion: v1
        ");
    let code: Vec<_> = document
        .blocks
        .iter()
        .flat_map(|block| &block.code)
        .map(|code| &text[code.clone()])
        .collect();
    assert_eq!(code, ["kubectl get pods"]);
    let host = document
        .pieces()
        .find_map(|(_, piece)| piece.prompt.as_ref()?.host.clone());
    assert_eq!(host.as_deref(), Some("node-1"));
}

#[test]
fn a_fence_left_open_ends_with_the_document() {
    let document = Document::parse("a.md", "text\n\n```sh\nls\n~~~\nmore\n");
    assert_snapshot!(outline(&document), @r"
        1 Prose
        4-6 Commands 3 `sh` None
            4-6 Command ls
        ");
    let document = Document::parse("a.md", "a@b:~$ ip a\n1: lo\n\n```");
    assert_snapshot!(outline(&document), @r"
        1-2 Transcript
            1 Command ip a
            2 Output 1: lo
        5 Output 4 `` None
        ");
}

#[test]
fn a_digest_changes_with_any_byte_of_its_block() {
    let digests = |text: &str| -> Vec<String> {
        Document::parse("a.md", text)
            .blocks
            .into_iter()
            .map(|block| block.sha256)
            .collect()
    };
    let before = digests("one\n\n```\nls -l\n```\n\ntwo\n");
    let after = digests("one\n\n```\nls -l \n```\n\ntwo\n");
    assert_eq!(before.len(), 3);
    assert_eq!((&before[0], &before[2]), (&after[0], &after[2]));
    assert_ne!(before[1], after[1]);
}

#[test]
fn bytes_are_lines_and_columns() {
    let document = Document::parse("a.md", "é b\nc");
    assert_eq!(document.line_count(), 2);
    assert_eq!((document.line_at(3), document.column_at(3)), (1, 3));
    assert_eq!((document.line_at(5), document.column_at(5)), (2, 1));
    assert_eq!(document.line(9), "");
    assert_eq!(Document::parse("a.md", "").blocks, []);
}

proptest! {
    #[test]
    fn every_line_that_is_not_blank_is_in_one_block(text in "([a-z`~#$ >\\-@/'\"\\\\<E(){}|\t\u{e9}]{0,12}\n){0,12}[` a]{0,4}") {
        let document = Document::parse("a.md", &text);
        for line in 1..=document.line_count() {
            let holders = document.blocks.iter().filter(|block| block.whole().contains(line)).count();
            prop_assert!(holders == 1 || (holders == 0 && document.line(line).trim().is_empty()), "line {line}: {holders}");
        }
    }

    #[test]
    fn any_text_is_a_document(text in any::<String>()) {
        let document = Document::parse("a.md", &text);
        for (block, piece) in document.pieces() {
            prop_assert!(block.span.start <= piece.content.start && piece.content.end <= block.span.end);
        }
    }
}
