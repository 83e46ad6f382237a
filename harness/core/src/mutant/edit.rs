//! One change of one raw output, and its application. A change that cannot be applied, or that changes nothing, is told
//! as such: it would prove nothing.

use serde_json::Value;

use crate::query::Output;
use crate::redaction::Redacted;

/// What is done to an output.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Edit {
    /// A value is put at a JSON pointer; a key that is not there is made.
    Set { pointer: String, value: Value },
    /// What stands at a JSON pointer is taken away.
    Remove { pointer: String },
    /// A value is put into the array at a JSON pointer.
    Insert {
        pointer: String,
        index: usize,
        value: Value,
    },
    /// Two elements of the array at a JSON pointer change places.
    Swap {
        pointer: String,
        first: usize,
        second: usize,
    },
    /// Lines, counted from 0, are replaced or taken away.
    Lines(Vec<(usize, Option<String>)>),
    /// A line is added at the end.
    AddLine(String),
    /// The program ended with a status and said why.
    Failed { status: i64, error: String },
    /// There is no such output at all.
    Gone,
}

/// An output with its JSON, parsed once for all changes.
#[derive(Clone, Debug)]
pub(crate) struct Original {
    pub(crate) output: Output,
    /// None where the text is no JSON document.
    pub(crate) json: Option<Value>,
}

impl Original {
    pub(crate) fn new(output: Output) -> Self {
        let json = serde_json::from_str(&output.text).ok();
        Self { output, json }
    }

    /// The changed output, none where it is gone. The error says why the change is none.
    pub(crate) fn changed(&self, edit: &Edit) -> Result<Option<Output>, String> {
        let output = match edit {
            Edit::Gone => return Ok(None),
            Edit::Failed { status, error } => Output {
                status: *status,
                text: Redacted::default(),
                error: Redacted::default().changed(|_| error.clone()),
                ..self.output.clone()
            },
            Edit::Lines(lines) => self.with_text(with_lines(&self.output.text, lines)?),
            Edit::AddLine(line) => self.with_text(format!(
                "{}\n{line}\n",
                self.output.text.trim_end_matches('\n')
            )),
            Edit::Set { .. } | Edit::Remove { .. } | Edit::Insert { .. } | Edit::Swap { .. } => {
                let before = self.json.as_ref().ok_or("the output is no JSON")?;
                let mut value = before.clone();
                apply(&mut value, edit)?;
                if value == *before {
                    return Err("nothing is changed".to_owned());
                }
                self.with_text(value.to_string())
            }
        };
        if output == self.output {
            return Err("nothing is changed".to_owned());
        }
        Ok(Some(output))
    }

    fn with_text(&self, text: String) -> Output {
        Output {
            text: self.output.text.changed(|_| text),
            ..self.output.clone()
        }
    }
}

fn with_lines(text: &str, changes: &[(usize, Option<String>)]) -> Result<String, String> {
    let count = text.lines().count();
    if let Some((index, _)) = changes.iter().find(|(index, _)| *index >= count) {
        return Err(format!("there is no line {index}"));
    }
    let mut result = String::with_capacity(text.len());
    for (index, line) in text.lines().enumerate() {
        let line = match changes.iter().find(|(changed, _)| *changed == index) {
            Some((_, None)) => continue,
            Some((_, Some(line))) => line,
            None => line,
        };
        result.push_str(line);
        result.push('\n');
    }
    Ok(result)
}

fn apply(root: &mut Value, edit: &Edit) -> Result<(), String> {
    match edit {
        Edit::Set { pointer, value } => set(root, pointer, value.clone()),
        Edit::Remove { pointer } => remove(root, pointer),
        Edit::Insert {
            pointer,
            index,
            value,
        } => {
            let array = array(root, pointer)?;
            array.insert((*index).min(array.len()), value.clone());
            Ok(())
        }
        Edit::Swap {
            pointer,
            first,
            second,
        } => {
            let array = array(root, pointer)?;
            if (*first).max(*second) >= array.len() {
                return Err(format!("{pointer} has no such elements"));
            }
            array.swap(*first, *second);
            Ok(())
        }
        Edit::Lines(_) | Edit::AddLine(_) | Edit::Failed { .. } | Edit::Gone => Ok(()),
    }
}

fn set(root: &mut Value, pointer: &str, value: Value) -> Result<(), String> {
    if pointer.is_empty() {
        *root = value;
        return Ok(());
    }
    let (parent, key) = parent(root, pointer)?;
    match parent {
        Value::Object(object) => {
            object.insert(key, value);
        }
        Value::Array(array) => {
            let index: usize = key.parse().map_err(|_| missing(pointer))?;
            *array.get_mut(index).ok_or_else(|| missing(pointer))? = value;
        }
        _ => return Err(missing(pointer)),
    }
    Ok(())
}

fn remove(root: &mut Value, pointer: &str) -> Result<(), String> {
    let (parent, key) = parent(root, pointer)?;
    match parent {
        Value::Object(object) => {
            object.shift_remove(&key).ok_or_else(|| missing(pointer))?;
        }
        Value::Array(array) => {
            let index: usize = key.parse().map_err(|_| missing(pointer))?;
            if index >= array.len() {
                return Err(missing(pointer));
            }
            array.remove(index);
        }
        _ => return Err(missing(pointer)),
    }
    Ok(())
}

/// What holds the value at a pointer, and the value's key in it.
fn parent<'a>(root: &'a mut Value, pointer: &str) -> Result<(&'a mut Value, String), String> {
    let (before, key) = pointer.rsplit_once('/').ok_or_else(|| missing(pointer))?;
    let parent = root.pointer_mut(before).ok_or_else(|| missing(pointer))?;
    Ok((parent, key.replace("~1", "/").replace("~0", "~")))
}

fn array<'a>(root: &'a mut Value, pointer: &str) -> Result<&'a mut Vec<Value>, String> {
    let value = root.pointer_mut(pointer);
    value
        .and_then(Value::as_array_mut)
        .ok_or_else(|| format!("no array at {pointer}"))
}

fn missing(pointer: &str) -> String {
    format!("nothing at {pointer}")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::query::Subject;

    fn original(text: &str) -> Original {
        Original::new(Output::fetched(Subject::Cluster, 0, text, ""))
    }

    #[rstest]
    #[case(Edit::Set { pointer: "/0/a~1b".to_owned(), value: json!(2) }, r#"[{"a/b":2,"c":[1,2]}]"#)]
    #[case(Edit::Set { pointer: "/0/new".to_owned(), value: json!(2) }, r#"[{"a/b":1,"c":[1,2],"new":2}]"#)]
    #[case(Edit::Remove { pointer: "/0/a~1b".to_owned() }, r#"[{"c":[1,2]}]"#)]
    #[case(Edit::Remove { pointer: "/0".to_owned() }, "[]")]
    #[case(Edit::Insert { pointer: "/0/c".to_owned(), index: 9, value: json!(3) }, r#"[{"a/b":1,"c":[1,2,3]}]"#)]
    #[case(Edit::Swap { pointer: "/0/c".to_owned(), first: 0, second: 1 }, r#"[{"a/b":1,"c":[2,1]}]"#)]
    fn json_is_changed_in_place(#[case] edit: Edit, #[case] expected: &str) {
        let changed = original(r#"[{"a/b": 1, "c": [1, 2]}]"#).changed(&edit);
        let text = changed.map(|output| output.map(|output| output.text.into_string()));
        assert_eq!(text, Ok(Some(expected.to_owned())));
    }

    #[rstest]
    #[case(Edit::Lines(vec![(1, None)]), "a\nc\n")]
    #[case(Edit::Lines(vec![(0, Some("x".to_owned())), (2, None)]), "x\nb\n")]
    #[case(Edit::AddLine("d".to_owned()), "a\nb\nc\nd\n")]
    fn lines_are_changed_in_place(#[case] edit: Edit, #[case] expected: &str) {
        let changed = original("a\nb\nc\n").changed(&edit);
        let text = changed.map(|output| output.map(|output| output.text.into_string()));
        assert_eq!(text, Ok(Some(expected.to_owned())));
    }

    #[rstest]
    #[case(Edit::Set { pointer: "/0/a".to_owned(), value: json!(1) }, "nothing is changed")]
    #[case(Edit::Set { pointer: "/7/a".to_owned(), value: json!(1) }, "nothing at /7/a")]
    #[case(Edit::Remove { pointer: "/0/b".to_owned() }, "nothing at /0/b")]
    #[case(Edit::Swap { pointer: String::new(), first: 0, second: 1 }, " has no such elements")]
    #[case(Edit::Insert { pointer: "/0".to_owned(), index: 0, value: json!(1) }, "no array at /0")]
    #[case(Edit::Lines(vec![(5, None)]), "there is no line 5")]
    fn a_change_that_is_none_says_so(#[case] edit: Edit, #[case] reason: &str) {
        let changed = original(r#"[{"a": 1}]"#).changed(&edit);
        assert_eq!(changed, Err(reason.to_owned()));
    }

    #[test]
    fn a_json_change_of_a_text_says_so() {
        let edit = Edit::Remove {
            pointer: "/0".to_owned(),
        };
        assert_eq!(
            original("text").changed(&edit),
            Err("the output is no JSON".to_owned())
        );
    }
}
