//! What is wrong with the files: each with its line, what may have been meant, and a button that repairs it.

use std::rc::Rc;

use yew::{Callback, Html, Properties, component, html};

use super::on;
use crate::app_state::Action;
use crate::diagnostic::{Diagnostic, Level};
use crate::files::EditorFile;
use crate::icons::{Icon, icon};
use crate::intent::Intent;

/// What the strip shows.
#[derive(PartialEq, Properties)]
pub struct ProblemsProps {
    /// What is wrong.
    pub diagnostics: Rc<[Diagnostic]>,
    /// The files, for their names.
    pub files: Rc<[EditorFile]>,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The strip. Nothing while nothing is wrong.
#[component]
pub fn Problems(props: &ProblemsProps) -> Html {
    html! {
        <div class="problems" role="region" aria-label="Problems" data-problems={props.diagnostics.len().to_string()}>
            { for props.diagnostics.iter().map(|each| view_problem(each, props)) }
        </div>
    }
}

fn view_problem(found: &Diagnostic, props: &ProblemsProps) -> Html {
    let (class, picture) = match found.level {
        Level::Error => ("problem error", Icon::Cross),
        Level::Warning => ("problem warning", Icon::Warning),
        Level::Info => ("problem info", Icon::Help),
    };
    // One file needs no name.
    let file = props.files.iter().find(|file| file.id == found.file && props.files.len() > 1);
    let place = file.map_or(format!("Line {}", found.line), |file| format!("{}, line {}", file.name, found.line));
    html! {
        <div {class}>
            { icon(picture) }
            <p>
                <button type="button" class="link place" onclick={on(&props.emit, Action::Revealed(found.clone()))}>{ place }</button>
                { " " }{ &*found.message }
                if let Some(hint) = &found.hint {
                    <span class="hint">{ &**hint }</span>
                }
                if let Some(fix) = &found.fix {
                    { " " }
                    <button type="button" class="fix" data-action="fix" onclick={on(&props.emit, Action::Repaired(found.clone()))}>
                        { icon(Icon::Fix) }{ &*fix.label }
                    </button>
                }
            </p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use expect_test::expect;
    use yew::Callback;

    use super::{Problems, ProblemsProps};
    use crate::diagnostic::{Diagnostic, Fix, Level};
    use crate::testing::words;

    #[test]
    fn a_problem_says_where_and_what_may_have_been_meant() {
        let fix = Fix { label: "imagePullPolicy".into(), edits: Vec::new() };
        let found = Diagnostic {
            file: 0,
            level: Level::Error,
            line: 18,
            column: 9,
            end_line: 18,
            end_column: 24,
            message: "unknown field \"spec.template.spec.containers[0].imagePullPolice\"".into(),
            hint: Some("Did you mean imagePullPolicy?".into()),
            fix: Some(fix),
        };
        let props = ProblemsProps { diagnostics: Rc::new([found]), files: Rc::default(), emit: Callback::noop() };
        expect![[r#"
            Line 18 unknown field "spec.template.spec.containers[0].imagePullPolice"Did you mean imagePullPolicy?
            imagePullPolicy"#]]
        .assert_eq(&words::<Problems>(props));
    }
}
