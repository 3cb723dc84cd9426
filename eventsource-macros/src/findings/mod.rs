//! Reports the model's findings as errors and warnings, each where its cause is written.
//!
//! The machine is explored under the names of the variants, since the author reads and writes
//! those; only the pin is about stored names. Findings come last: only rules without other errors
//! have a machine.

pub(crate) mod subject;
mod warning;

use eventsource_model::findings::{Code, Finding, Severity};
use eventsource_model::{EventIndex, Machine};
use proc_macro2::TokenStream;

use crate::errors::Errors;
use crate::lower;
use crate::model::Model;
use crate::syntax::Level;

/// Reports all findings: errors are added to `errors`, warnings are returned as items.
pub(crate) fn report(model: &Model, machine: &Machine, errors: &mut Errors) -> TokenStream {
    let mut warnings = TokenStream::new();
    for finding in findings(model, machine) {
        let weight = weight(&finding, model);
        if weight == Severity::Allowed {
            continue;
        }
        let tokens = subject::tokens(&finding.subject, model);
        if weight == Severity::Warning {
            warnings.extend(warning::on(&tokens, &finding));
        } else {
            match position(&finding) {
                Some(position) => errors.at_variant(position),
                None => errors.at_enum(),
            }
            errors.push_finding(tokens, &finding);
        }
    }
    warnings
}

fn findings(model: &Model, machine: &Machine) -> Vec<Finding> {
    let in_words_of_author = lower::in_words_of_author(model, machine);
    let mut findings = in_words_of_author.findings(&lower::checks(model));
    if model.fingerprint.is_some() {
        let pinned = machine.findings(&lower::pin(model)).into_iter();
        findings.extend(pinned.filter(|finding| finding.code == Code::Fingerprint));
    }
    findings
}

/// Returns the position of the variant that the finding belongs to.
fn position(finding: &Finding) -> Option<usize> {
    finding.subject.event().map(EventIndex::get)
}

/// Returns the weight of the finding: set at its event, else at the machine, else the default.
fn weight(finding: &Finding, model: &Model) -> Severity {
    let at_event = position(finding).and_then(|n| model.events[n].levels.of(finding.code));
    match at_event.or_else(|| model.levels.of(finding.code)) {
        Some(Level::Allow) => Severity::Allowed,
        Some(Level::Warn) => Severity::Warning,
        Some(Level::Deny) => Severity::Error,
        None => finding.severity,
    }
}
