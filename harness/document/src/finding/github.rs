//! Findings as annotations that GitHub Actions shows on the document's lines.

use rehearse_core::medium::{Safe, WorkflowCommand};

use super::Finding;

/// One workflow command a finding and line.
pub fn render(findings: &[Finding]) -> Safe {
    findings.iter().map(command).collect()
}

fn command(finding: &Finding) -> WorkflowCommand {
    let (line, column) = (
        finding.line.to_string(),
        finding.column.map(|column| column.to_string()),
    );
    let mut properties = vec![("file", finding.file.as_str()), ("line", &line)];
    properties.extend(column.as_deref().map(|column| ("col", column)));
    properties.push(("title", finding.code));
    let message = format!("{}\nhint: {}", finding.message, finding.cure);
    WorkflowCommand::new(finding.severity.annotation(), &properties, &message)
}
