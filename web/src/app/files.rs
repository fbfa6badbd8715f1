//! What the application does with the editor's files: examples, pages, one file at a time, and the way from an object to its
//! manifest and back.

use view::{ObjectRef, Text};

use super::App;
use crate::app_state::{Action, Notice, StageView};
use crate::drawer::DrawerTab;
use crate::files::NamedText;
use crate::intent::{FileDeed, Intent};
use crate::session::Session;
use crate::tables::Printed;
use crate::{code_editor, commands, examples, helper, start};

impl App {
    pub(super) fn write_files(&self) {
        let texts = self.state.files.to_texts();
        self.driver.with(|session| session.write_files(&texts));
    }

    pub(super) fn do_with_file(&mut self, deed: FileDeed) {
        self.write_files();
        let file = self.state.files.active().clone();
        match deed {
            FileDeed::ApplyDocument => {
                let document = Session::document_at(&file.content, self.line.get());
                self.do_and_show(vec![commands::apply_text(&document)]);
            }
            FileDeed::Tidy => self.act(Action::FileEdited(file.id, manifest::tidied(&file.content).into())),
            FileDeed::Download => {
                let files: Vec<(String, String)> =
                    self.state.files.to_texts().into_iter().map(|file| (file.name, file.content)).collect();
                let files = serde_json::to_string(&files).unwrap_or_default();
                let files = js_sys::JSON::parse(&files).unwrap_or(wasm_bindgen::JsValue::NULL);
                // Without the editor's script there is no archive; every file can be copied from its text area.
                code_editor::download("podground.zip", &files).unwrap_or_default();
            }
            _ => self.do_and_show(commands::on_file(deed, &file.name).into_iter().collect()),
        }
    }

    /// Asks whether a pasted page is to be taken apart.
    pub(super) fn offer_split(&mut self, page: Text) {
        let (files, commands) = helper::split_page(&page);
        self.state.reduce(Action::Notified(Some(Notice {
            is_bad: false,
            text: format!("This is a page with {} manifests and {} commands.", files.len(), commands.len()).into(),
            button: Some(("Split it into files".into(), Box::new(Intent::PageSplit(page)))),
        })));
    }

    pub(super) fn split(&mut self, page: &str) {
        let (files, commands) = helper::split_page(page);
        let is_empty = self.state.files.list().iter().all(|file| file.content.trim().is_empty());
        if is_empty {
            self.act(Action::FilesReplaced(files.into()));
        } else {
            for file in files {
                self.act(Action::FileBrought(file));
            }
        }
        let commands: Vec<Text> = commands.iter().map(|command| command.as_str().into()).collect();
        let button = (!commands.is_empty()).then(|| {
            (format!("Run its {} commands", commands.len()).into(), Box::new(Intent::RunAll(commands.into())))
        });
        let text = "Its manifests are files of the editor now.".into();
        self.state.reduce(Action::Notified(Some(Notice { is_bad: false, text, button })));
    }

    pub(super) fn show_cause(&mut self, cause: &view::Cause) {
        match Session::find(self.state.files.list(), cause) {
            Some((file, line, column)) => self.act(Action::PlaceRevealed(file, line, column)),
            None => {
                // Nobody's file: the object itself is what there is to read.
                self.act(Action::Selected(Some(cause.object.clone())));
                self.act(Action::DrawerTabChosen(DrawerTab::Yaml));
            }
        }
    }

    /// Puts an object's YAML into the editor, as `kubectl edit` would open it.
    pub(super) fn edit(&mut self, target: &ObjectRef) {
        let words = target.kubectl_words();
        let content = self.driver.with(|session| session.ask(&format!("kubectl get {words} -o yaml")));
        let name = format!("{}-{}.yaml", target.kind.to_lowercase(), target.name);
        self.act(Action::FileBrought(NamedText { name, content: content.to_string() }));
        self.state.reduce(Action::Notified(Some(Notice {
            is_bad: false,
            text: format!("{} as it is now is in the editor. Change it and press Apply.", target.name).into(),
            button: None,
        })));
    }

    pub(super) fn open_example(&mut self, name: &str) {
        let Some(example) = examples::find(name) else { return };
        self.act(Action::FilesReplaced(start::example_files(example).into()));
        self.renew();
        self.state.examples = false;
        start::apply(&self.driver, &self.state.files);
        self.state.reduce(Action::Notified(Some(Notice {
            is_bad: false,
            text: format!("{}. {}", example.title, example.watch).into(),
            button: Some(("Restore my files".into(), Box::new(Action::FilesRestored.into()))),
        })));
    }

    /// A fresh cluster as the settings have it, with time running.
    pub(super) fn renew(&mut self) {
        let mut session = Session::new(self.state.settings.nodes, self.presentation.seed, self.state.settings.pace);
        session.set_speed(self.state.clock.speed_milli);
        session.play(true);
        self.driver.replace(session);
        self.act(Action::Selected(None));
        self.act(Action::ConsoleCleared);
        self.touch();
    }

    /// Prints the table anew, while it is shown.
    pub(super) fn print_table(&mut self) {
        if self.state.view != StageView::Table {
            return;
        }
        let plural = &self.state.tables.plural;
        let namespaced = Session::kinds().iter().any(|each| each.plural == &**plural && each.namespaced);
        let command = Session::table_command(plural, namespaced);
        let printed = Printed::read(&self.driver.with(|session| session.ask(&command)));
        if printed != *self.state.tables.printed {
            self.state.reduce(Action::TablePrinted(printed.into()));
        }
    }
}
