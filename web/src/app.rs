//! The application: it holds the state, carries out intents, and lays out the panels. Every effect of the page starts here.

mod files;

use gloo::events::{EventListener, EventListenerOptions};
use std::cell::Cell;
use std::rc::Rc;

use view::ObjectRef;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Element, KeyboardEvent};
use yew::html::Scope;
use yew::{Callback, Component, Context, Html, html};

use crate::app_state::{Action, AppState, Notice, Sheet, Spot};
use crate::diagnostic::Level;
use crate::drawer::DrawerTab;
use crate::driver::{Driver, Frame};
use crate::files::NamedText;
use crate::intent::Intent;
use crate::keys::{self, Deed};
use crate::panels::console::Console;
use crate::panels::details::Details;
use crate::panels::did::Did;
use crate::panels::editor::Editor;
use crate::panels::events::{Events, LastEvent};
use crate::panels::examples::Examples;
use crate::panels::header::Header;
use crate::panels::help::Help;
use crate::panels::hint::Hint;
use crate::panels::notice::Notice as NoticePanel;
use crate::panels::settings::Settings;
use crate::panels::share::{self as share_panel, Share};
use crate::panels::stage::Stage;
use crate::panels::time_bar::TimeBar;
use crate::panels::timeline::Timeline;
use crate::session::Session;
use crate::start::{self, Start};
use crate::time::{self, TimeAction, TimeDeed};
use crate::url::{Layout, Presentation};
use crate::{commands, focus, helper, share, snippets, storage};

/// How long after the last keystroke the files are checked and kept.
const CHECK_AFTER_MS: u32 = 150;

/// The application.
pub struct App {
    state: AppState,
    driver: Driver,
    emit: Callback<Intent>,
    presentation: Presentation,
    /// What the editor asks while a person writes.
    ask: Callback<(String, String), String>,
    /// The line of the editor's cursor.
    line: Rc<Cell<u32>>,
    storage_failed: bool,
    /// Whether anything was done here. Until then a draft of an earlier visit is not overwritten.
    touched: bool,
    _listeners: Vec<EventListener>,
}

/// What happens to the application.
pub enum Msg {
    /// A panel asks for something.
    Intent(Intent),
    /// The session went on.
    Frame(Frame),
    /// A key was pressed.
    Key(KeyboardEvent),
    /// Something outside an open menu was clicked.
    ClickedAway,
    /// The page is about to be left.
    Leaving,
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link();
        let Start { mut state, session, presentation } = start::from_location();
        let driver = Driver::start(session, link.callback(Msg::Frame));
        driver.remind(CHECK_AFTER_MS);
        if presentation.autoplay == Some(true) && (!start::wants_less_motion() || state.hint.is_some()) {
            start::apply(&driver, &state.files);
            driver.with(|session| session.play(true));
        }
        if presentation.layout == Layout::Editor {
            state.reduce(Action::SheetChosen(Sheet::Yaml));
        }
        start::show_settings(&state.settings);
        let line = Rc::new(Cell::new(1));
        Self {
            state,
            ask: helper::answers(driver.clone(), line.clone(), link.callback(Msg::Intent)),
            line,
            driver,
            emit: link.callback(Msg::Intent),
            presentation,
            storage_failed: false,
            touched: false,
            _listeners: listeners(link),
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Intent(intent) => self.carry_out(intent),
            Msg::Frame(frame) => self.take(frame),
            Msg::Key(event) => return self.press(ctx, &event),
            Msg::ClickedAway if self.state.node_menu.is_none() => return false,
            Msg::ClickedAway => self.state.reduce(Action::NodeMenu(None)),
            Msg::Leaving => self.keep(),
        }
        true
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        let (state, emit) = (&self.state, &self.emit);
        let mode = if state.embedded { "embed" } else { "full" };
        html! {
            <div class="app" data-mode={mode} data-layout={self.presentation.layout.word()} data-sheet={state.sheet.name()}>
                <Header version={state.snapshot.version.clone()} settings={state.settings.clone()} embedded={state.embedded} emit={emit.clone()} />
                if let Some(notice) = &state.notice {
                    <NoticePanel notice={notice.clone()} emit={emit.clone()} />
                }
                <main>
                    <div class="left">
                        <Editor files={state.files.clone()} renaming={state.renaming} diagnostics={state.diagnostics.clone()}
                            reveal={state.reveal} ask={self.ask.clone()} readonly={self.presentation.readonly} emit={emit.clone()} />
                        if !state.embedded {
                            <Console lines={state.console.clone()} prompt={state.prompt.clone()} emit={emit.clone()} />
                        }
                    </div>
                    <div class="right">
                        <Stage snapshot={state.snapshot.clone()} view={state.view} selected={state.selected.clone()}
                            filter={state.filter.clone()} lit={state.lit.clone()} tables={state.tables.clone()}
                            spot={state.spot.clone()} node_menu={state.node_menu.clone()} embedded={state.embedded} emit={emit.clone()} />
                        if let Some(step) = state.hint {
                            <Hint {step} emit={emit.clone()} />
                        }
                        if state.embedded || state.settings.projector {
                            <LastEvent events={state.snapshot.events.clone()} />
                        } else {
                            <Events events={state.snapshot.events.clone()} narrate={state.settings.narration} emit={emit.clone()} />
                        }
                        if let Some(target) = &state.selected {
                            <Details target={target.clone()} snapshot={state.snapshot.clone()}
                                drawer={state.drawer.clone()} emit={emit.clone()} />
                        }
                    </div>
                </main>
                { self.view_sheets() }
                <Timeline clock={state.clock} time={state.time.clone()} emit={emit.clone()} />
                <TimeBar clock={state.clock} time={state.time.clone()} embedded={state.embedded} emit={emit.clone()} />
                if let Some(did) = &state.did {
                    <Did did={did.clone()} emit={emit.clone()} />
                }
                if let Some(texts) = &state.time.share {
                    <Share texts={texts.clone()} emit={emit.clone()} />
                }
                if state.help {
                    <Help emit={emit.clone()} />
                }
                if state.settings_open {
                    <Settings settings={state.settings.clone()} emit={emit.clone()} />
                }
                if state.examples {
                    <Examples emit={emit.clone()} />
                }
            </div>
        }
    }
}

impl App {
    fn view_sheets(&self) -> Html {
        let choose = |sheet| self.emit.reform(move |_| Action::SheetChosen(sheet).into());
        html! {
            <nav class="sheets" aria-label="Parts of the page">
                { for Sheet::ALL.iter().map(|(sheet, name, title)| html! {
                    <button type="button" data-sheet-tab={*name} aria-pressed={(*sheet == self.state.sheet).to_string()}
                        onclick={choose(*sheet)}>{ *title }</button>
                }) }
            </nav>
        }
    }

    fn carry_out(&mut self, intent: Intent) {
        match intent {
            Intent::Do(action) => self.act(action),
            Intent::Run(command) => self.do_and_show(vec![command]),
            Intent::Confirmed(command) => {
                self.state.reduce(Action::Notified(None));
                self.do_and_show(vec![command]);
            }
            Intent::SendPrompt => {
                let command = self.state.prompt.send();
                self.run(&command);
            }
            Intent::Interrupt => self.driver.with(Session::interrupt),
            Intent::Apply => self.apply(),
            Intent::OpenExample(name) => self.open_example(&name),
            Intent::Play(playing) => self.driver.with(|session| session.play(playing)),
            Intent::Time(TimeDeed::Opened(name, text)) => self.open_file(&name, &text),
            Intent::Time(TimeDeed::Fetch(address)) => {
                self.state.reduce(Action::Notified(None));
                share_panel::fetch(&address, &self.emit);
            }
            Intent::Time(deed) => {
                time::carry_out(&mut self.state.time, &self.driver, &deed);
                self.driver.remind(CHECK_AFTER_MS);
            }
            Intent::SetSpeed(speed) => self.driver.with(|session| session.set_speed(speed)),
            Intent::Seek(ms) => {
                self.driver.with(|session| session.seek(ms));
                self.driver.remind(CHECK_AFTER_MS);
            }
            Intent::Share => self.share(),
            Intent::OpenFull => self.open_full(),
            Intent::Copy(text) => copy(&text),
            Intent::BackToDraft => start::back_to_draft(),
            Intent::AddNode => self.do_and_show(vec![commands::add_node(&self.state.snapshot.nodes)]),
            Intent::FilesDropped(files) => {
                for file in files.iter() {
                    self.act(Action::FileBrought(file.clone()));
                }
            }
            Intent::PagePasted(page) => self.offer_split(page),
            Intent::PageSplit(page) => self.split(&page),
            Intent::File(deed) => self.do_with_file(deed),
            Intent::Insert(kind) => {
                let (id, before) = (self.state.files.active().id, self.state.files.active().content.clone());
                let start =
                    if before.trim().is_empty() { String::new() } else { format!("{}\n---\n", before.trim_end()) };
                self.act(Action::FileEdited(id, format!("{start}{}", snippets::of(kind)).into()));
            }
            Intent::RunAll(commands) => {
                self.state.reduce(Action::Notified(None));
                self.write_files();
                self.do_and_show(commands.iter().map(ToString::to_string).collect());
            }
            Intent::Complete(cursor) => {
                let found = self.driver.with(|session| session.complete(&self.state.prompt.text, cursor));
                self.act(Action::PromptCompleted(found));
            }
            Intent::NewCluster => self.renew(),
            Intent::AskWhy(target) => {
                self.act(Action::Selected(Some(target)));
                self.act(Action::DrawerTabChosen(DrawerTab::Overview));
            }
            Intent::ShowCause(cause) => self.show_cause(&cause),
            Intent::Edit(target) => self.edit(&target),
        }
    }

    /// Changes the state, and does what follows from it outside.
    fn act(&mut self, action: Action) {
        let files = self.state.files.clone();
        let settings = self.state.settings.clone();
        let selected = matches!(action, Action::Selected(_) | Action::DrawerTabChosen(_) | Action::DeedChosen(..));
        let moved = matches!(action, Action::SpotMoved(_));
        let is_table = matches!(action, Action::ViewChosen(_) | Action::TableChosen(_));
        self.state.reduce(action);
        if self.state.files != files {
            self.touch();
        }
        if self.state.settings != settings {
            start::show_settings(&self.state.settings);
            if !self.state.embedded {
                storage::save_settings(&self.state.settings);
            }
        }
        if selected {
            self.describe();
        }
        if is_table {
            self.print_table();
        }
        if let (true, Some(spot)) = (moved, &self.state.spot) {
            focus::focus_spot(spot);
        }
    }

    fn take(&mut self, frame: Frame) {
        if let Some(snapshot) = frame.snapshot {
            self.state.reduce(Action::SnapshotTaken(snapshot));
            self.describe();
            self.print_table();
        }
        if let Some(clock) = frame.clock {
            self.state.reduce(Action::ClockMoved(clock));
        }
        if let Some(timeline) = frame.timeline {
            self.state.reduce(Action::Time(TimeAction::Taken(timeline)));
        }
        if !frame.console.is_empty() {
            self.state.reduce(Action::ConsolePrinted(frame.console.into()));
        }
        if frame.reminded {
            let files = self.state.files.list();
            let found = files.iter().flat_map(|file| Session::check(file.id, &file.name, &file.content)).collect();
            self.state.reduce(Action::Diagnosed(found));
            self.keep();
        }
    }

    /// Gives commands as a button does: with a word about what they are.
    fn do_and_show(&mut self, commands: Vec<String>) {
        self.state.reduce(Action::DidThis(commands.iter().map(|command| command.as_str().into()).collect()));
        for command in commands {
            self.run(&command);
        }
    }

    fn run(&mut self, command: &str) {
        self.driver.with(|session| session.run(command));
        self.touch();
    }

    /// Something was done: it is to be kept, and the address no longer says what is here.
    fn touch(&mut self) {
        self.driver.remind(CHECK_AFTER_MS);
        if !std::mem::replace(&mut self.touched, true) {
            self.state
                .notice
                .take_if(|notice| matches!(&notice.button, Some((_, does)) if **does == Intent::BackToDraft));
        }
        if !self.state.embedded {
            start::forget_fragment();
        }
    }

    fn apply(&mut self) {
        self.state.notice.take_if(|notice| !notice.is_bad);
        let texts = self.state.files.to_texts();
        self.driver.with(|session| session.write_files(&texts));
        self.do_and_show(commands::apply(&texts));
        // On a narrow screen the editor covers the cluster: what was applied is to be seen.
        if start::is_narrow() && self.state.diagnostics.iter().all(|found| found.level != Level::Error) {
            self.state.reduce(Action::SheetChosen(Sheet::Cluster));
        }
        // A frame in another page stands still until its reader starts it.
        if self.state.embedded && self.state.clock.end_ms == 0 {
            self.driver.with(|session| session.play(true));
        }
    }

    /// Reads anew what the drawer shows.
    fn describe(&mut self) {
        let Some(target) = &self.state.selected else { return };
        if let Some(command) = self.state.drawer.tab.command(target) {
            let text = self.driver.with(|session| session.ask(&command));
            if text != self.state.drawer.text {
                self.state.reduce(Action::Described(text));
            }
        } else if self.state.drawer.tab == DrawerTab::Overview {
            let why = self.driver.with(|session| session.why(target));
            if why != *self.state.drawer.why {
                self.state.reduce(Action::WhyTold(why.into()));
            }
        }
    }

    /// Keeps the work for the next visit. That it cannot be kept is said once.
    fn keep(&mut self) {
        if self.state.embedded || !self.touched {
            return;
        }
        let files = self.state.files.to_texts();
        let session = self.driver.with(|session| session.draft(&files));
        let kept = storage::save_draft(&storage::Draft { files, session: Some(session) });
        if let (Err(reason), false) = (kept, self.storage_failed) {
            self.storage_failed = true;
            self.state.reduce(Action::Notified(Some(Notice {
                is_bad: true,
                text: format!("This browser does not keep your work: {reason}. Use Share for a link to it.").into(),
                button: None,
            })));
        }
    }

    fn fragment(&self) -> String {
        let files = self.state.files.to_texts();
        let json = self.driver.with(|session| session.share(&files));
        format!("#s={}&v=1", playback::encode(&json))
    }

    fn share(&mut self) {
        let fragment = self.fragment();
        let window = gloo::utils::window();
        let location = window.location();
        let base = location.href().unwrap_or_default();
        let link = format!("{}{fragment}", base.split('#').next().unwrap_or_default());
        if let (false, Ok(history)) = (self.state.embedded, window.history()) {
            history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&link)).unwrap_or_default();
        }
        copy(&link);
        let texts = share::texts(&self.driver, &self.state.files, &self.state.snapshot, &link);
        self.state.reduce(Action::Time(TimeAction::Shared(Some(texts))));
    }

    /// Opens a file that was chosen or dropped: a saved session, or a manifest for the editor.
    fn open_file(&mut self, name: &str, text: &str) {
        let say = |is_bad, text: String| Notice { is_bad, text: text.into(), button: None };
        if !text.trim_start().starts_with('{') || !name.ends_with(".json") {
            let mut files = self.state.files.to_texts();
            files.retain(|file| file.name != name);
            files.push(NamedText { name: name.to_owned(), content: text.to_owned() });
            self.act(Action::FilesReplaced(files.into()));
            self.state.reduce(Action::Notified(Some(say(false, format!("{name} is in the editor.")))));
            return;
        }
        match Session::open(text, true) {
            Ok(opened) => {
                self.driver.replace(opened.session);
                self.driver.with(|session| session.play(false));
                self.act(Action::FilesReplaced(opened.files.into()));
                self.state.time.share = None;
                self.state
                    .reduce(Action::Notified(Some(say(false, format!("{name} is opened, paused where it was left.")))));
                self.touch();
            }
            Err(why) => self.state.reduce(Action::Notified(Some(say(true, format!("{name} cannot be opened: {why}"))))),
        }
    }

    fn open_full(&mut self) {
        let opened = gloo::utils::window().open_with_url_and_target(&format!("../{}", self.fragment()), "_blank");
        debug_assert!(opened.is_ok(), "a browser may refuse a new tab, but not with an error");
    }

    fn press(&mut self, ctx: &Context<Self>, event: &KeyboardEvent) -> bool {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let control = event.ctrl_key() || event.meta_key();
        let name = keys::name(&event.key(), control, event.alt_key(), event.shift_key());
        let is_plain = !control && !event.alt_key() && !name.starts_with('F') && name != "Escape";
        let is_pressed = matches!(&*name, "Space" | "Enter") && focus::takes_keys(target.as_ref());
        if event.default_prevented() || is_pressed || (is_plain && focus::is_field(target.as_ref())) {
            return false;
        }
        if is_plain && name.chars().count() == 1 && !self.state.settings.letters {
            return false;
        }
        let Some(deed) = keys::find(&name, focus::scope_of(target.as_ref())) else { return false };
        if matches!(deed, Deed::Present(_)) && !self.state.settings.projector {
            return false;
        }
        event.prevent_default();
        match self.intent_of(deed) {
            Some(intent) => ctx.link().send_message(Msg::Intent(intent)),
            None => self.do_at_once(deed),
        }
        false
    }

    /// The intent that a key stands for, if it is one that a button could have.
    fn intent_of(&self, deed: Deed) -> Option<Intent> {
        let state = &self.state;
        Some(match deed {
            Deed::Apply => Intent::Apply,
            Deed::PlayPause => Intent::Play(!state.clock.playing),
            Deed::Reset => Intent::Run("sim reset".to_owned()),
            Deed::Dismiss => Action::Dismissed.into(),
            Deed::Time(deed) => keys::time_deed(deed),
            Deed::Skip(seconds) => {
                let to = state.clock.now_ms.saturating_add_signed(i64::from(seconds) * 1_000);
                Intent::Seek(to.min(state.clock.end_ms))
            }
            Deed::Move(step) => Action::SpotMoved(step).into(),
            Deed::Open => Action::Selected(Some(self.object_at_spot()?)).into(),
            Deed::Delete => commands::delete_asking(&self.object_at_spot()?),
            Deed::Cordon => Intent::Run(format!("kubectl cordon {}", state.spot.as_ref()?.node())),
            Deed::Uncordon => Intent::Run(format!("kubectl uncordon {}", state.spot.as_ref()?.node())),
            Deed::Crash => Intent::Run(commands::crash(&self.object_at_spot()?)?),
            Deed::AddNode => Intent::AddNode,
            Deed::View(view) => Action::ViewChosen(view).into(),
            Deed::Present(Some(on)) => TimeDeed::ToMark(on).into(),
            Deed::Help => Action::HelpToggled.into(),
            Deed::NextPane
            | Deed::PreviousPane
            | Deed::Console
            | Deed::Filter
            | Deed::FullScreen
            | Deed::Present(None) => {
                return None;
            }
        })
    }

    fn do_at_once(&self, deed: Deed) {
        match deed {
            Deed::NextPane => focus::next_pane(true),
            Deed::PreviousPane => focus::next_pane(false),
            Deed::Console => focus::focus("[data-prompt]"),
            Deed::Filter => focus::focus("[data-filter]"),
            Deed::FullScreen => focus::full_screen(),
            Deed::Present(None) => focus::blank(),
            _ => {}
        }
    }

    fn object_at_spot(&self) -> Option<ObjectRef> {
        match self.state.spot.as_ref()? {
            Spot::Node(node) => Some(ObjectRef::new("Node", "", node)),
            Spot::Pod(_, key) => self.state.snapshot.pods.iter().find(|pod| pod.key == *key).map(|pod| pod.target()),
        }
    }
}

fn copy(text: &str) {
    let navigator = gloo::utils::window().navigator();
    // Without a secure context there is no clipboard; the link is in the address bar, too.
    if js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| clipboard.is_object()) {
        let _promise = navigator.clipboard().write_text(text);
    }
}

fn listeners(link: &Scope<App>) -> Vec<EventListener> {
    let (window, document) = (gloo::utils::window(), gloo::utils::document());
    let (on_key, on_click, on_leave) =
        (link.callback(Msg::Key), link.callback(|()| Msg::ClickedAway), link.callback(|()| Msg::Leaving));
    let may_prevent = EventListenerOptions::enable_prevent_default();
    let emit = link.callback(Msg::Intent);
    let drop = EventListener::new_with_options(&document, "drop", may_prevent, move |event| {
        let files = event.dyn_ref::<DragEvent>().and_then(|event| event.data_transfer()?.files());
        if let Some(file) = files.and_then(|files| files.get(0)) {
            event.prevent_default();
            share_panel::read(&file, &emit);
        }
    });
    // Without this a browser would leave the page for the file.
    let over = EventListener::new_with_options(&document, "dragover", may_prevent, |event| {
        let kinds = event.dyn_ref::<DragEvent>().and_then(|event| event.data_transfer()).map(|data| data.types());
        if kinds.is_some_and(|kinds| kinds.includes(&"Files".into(), 0)) {
            event.prevent_default();
        }
    });
    let keys = EventListener::new_with_options(&document, "keydown", may_prevent, move |event| {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
            on_key.emit(event.clone());
        }
    });
    vec![
        keys,
        drop,
        over,
        EventListener::new(&document, "click", move |_| on_click.emit(())),
        EventListener::new(&window, "pagehide", move |_| on_leave.emit(())),
    ]
}
