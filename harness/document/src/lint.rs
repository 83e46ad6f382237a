//! Rules that hold for any document of this kind. One rule a file, each with a stable code.
//!
//! A rule reads what the document says of itself: its commands, files, outputs and prose, and what readers of CNI
//! configurations are known to do. No rule knows a document by name, and none runs anything.

use std::ops::Range;

use rehearse_core::record::Severity;

use super::Document;
use super::finding::Finding;

mod context;
mod facts;
mod rules;

use context::Context;

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its stable name.
    pub code: &'static str,
    /// What it is about, in one sentence without a full stop.
    pub about: &'static str,
    check: fn(&Context<'_>) -> Vec<Draft>,
}

/// A finding before it is known where in lines and columns it is.
#[derive(Debug)]
struct Draft {
    severity: Severity,
    span: Range<usize>,
    message: String,
    cure: String,
}

impl Draft {
    fn error(span: Range<usize>, message: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            span,
            message: message.into(),
            cure: cure.into(),
        }
    }

    fn warning(span: Range<usize>, message: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(span, message, cure)
        }
    }

    fn note(span: Range<usize>, message: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::error(span, message, cure)
        }
    }
}

/// Every rule, in the order of its code.
pub fn rules() -> &'static [Rule] {
    &rules::RULES
}

/// What the rules find in a document, in its order.
pub fn lint(document: &Document) -> Vec<Finding> {
    let context = Context::new(document);
    let mut findings: Vec<Finding> = rules()
        .iter()
        .flat_map(|rule| apply(rule, &context))
        .collect();
    findings
        .sort_by(|left, right| (left.span.start, left.code).cmp(&(right.span.start, right.code)));
    findings
}

fn apply(rule: &Rule, context: &Context<'_>) -> Vec<Finding> {
    let document = context.document;
    (rule.check)(context)
        .into_iter()
        .map(|draft| Finding {
            code: rule.code,
            severity: draft.severity,
            file: document.source.file.clone(),
            line: document.line_at(draft.span.start),
            column: Some(document.column_at(draft.span.start)),
            span: document.written(&draft.span),
            message: draft.message,
            cure: draft.cure,
        })
        .collect()
}

#[cfg(test)]
mod tests;
