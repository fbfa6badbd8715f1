//! The page's side of a session: the one file that knows what drives the cluster. Everything else sees these types.

use std::rc::Rc;

use playback::{Comparison, Engine, Input, LookRecord, MarkKind, Scenario, Stride};
use serde_json::{Value, json};
use sim::{SimDuration, SimTime};
use view::{Cause, ObjectRef, Snapshot, Text, Why};

use crate::diagnostic::{Diagnostic, Edit, Fix, Level};
use crate::files::{EditorFile, NamedText};
use crate::settings::Pace;
use crate::share::ShareTexts;
use crate::tables::Listed;
use crate::time::{self, Look, Timeline};

pub use playback::{Clock, Completion, ConsoleLine, LineKind};

/// The steps of the loop that one frame may take. A frame must not take long, whatever happens in the cluster.
const STEPS_A_FRAME: u64 = 4_000;

/// How long after its last input a session is followed when it is opened again: by then it has come to rest.
const FOLLOWED: SimDuration = SimDuration::from_secs(3_600);

/// A running session.
pub struct Session {
    inner: playback::Session,
    /// Whether the console is another than the one printed so far, as after a rewind.
    console_moved: bool,
    /// Counts sessions, so that the picture of a fresh one is never taken for that of the one before.
    generation: u64,
}

/// A session that was opened, and what else the page needs of it.
pub struct Opened {
    /// The session.
    pub session: Session,
    /// The editor's files.
    pub files: Vec<NamedText>,
    /// Whether time ran when it was left.
    pub playing: bool,
}

impl Session {
    /// A fresh cluster of that many nodes.
    pub fn new(nodes: u32, seed: u64, pace: Pace) -> Self {
        let mut scenario = Scenario::default();
        scenario.options.nodes = nodes;
        scenario.options.seed = seed;
        scenario.options.timing = match pace {
            Pace::Instant => playback::Timing::Instant,
            Pace::Classroom => playback::Timing::Classroom,
            Pace::Realistic => playback::Timing::Realistic,
        };
        Self::over(playback::Session::new(scenario))
    }

    fn over(inner: playback::Session) -> Self {
        Self { inner, console_moved: false, generation: 0 }
    }

    /// The session that a link or a draft describes, with the editor's files. It is at its start, or where it was left.
    pub fn open(json: &str, where_left: bool) -> Result<Opened, String> {
        let inner = playback::Session::open(json).map_err(|error| error.to_string())?;
        let saved: Value = serde_json::from_str(json).unwrap_or_default();
        let page = &saved["page"];
        let files = serde_json::from_value(page["files"].clone()).unwrap_or_else(|_| scenario_files(inner.scenario()));
        let mut session = Self::over(inner);
        if let Some(milli) = saved["speed"].as_f64().map(|speed| (speed * 1_000.0) as u32).filter(|milli| *milli > 0) {
            session.set_speed(milli);
        }
        if where_left {
            let last_input = SimTime::from_millis(session.inner.clock().end_ms);
            let left = page["now_ms"].as_u64().map_or(last_input, SimTime::from_millis);
            session.inner.seek(left.min(last_input + FOLLOWED));
        }
        Ok(Opened { session, files, playing: page["paused"] != true })
    }

    /// The session as JSON for a link or a file, with the editor's files.
    pub fn share(&self, files: &[NamedText]) -> String {
        self.with_page(&self.inner.saved(), files)
    }

    /// The same with the other lines of history: what is kept for the next visit.
    pub fn draft(&self, files: &[NamedText]) -> String {
        self.with_page(&self.inner.saved_whole(), files)
    }

    fn with_page(&self, saved: &str, files: &[NamedText]) -> String {
        let Ok(mut saved) = serde_json::from_str::<Value>(saved) else { return String::new() };
        let clock = self.inner.clock();
        if self.inner.log().is_empty() {
            // Nothing has been done: what is in the editor is what there is.
            saved["files"] = json!(files);
        } else {
            saved["page"] = json!({"files": files, "now_ms": clock.now_ms, "paused": !clock.playing});
        }
        saved["speed"] = speed(clock.speed_milli);
        saved.to_string()
    }

    /// Makes these the files that `-f` reads, as far as they are not yet.
    pub fn write_files(&mut self, files: &[NamedText]) {
        let gone: Vec<Rc<str>> =
            self.written().into_iter().filter(|path| !files.iter().any(|file| file.name == **path)).collect();
        for path in gone {
            self.input(Input::DeleteFile { path });
        }
        for file in files {
            if self.inner.files().read(&file.name).is_ok_and(|content| *content == *file.content) {
                continue;
            }
            self.input(Input::WriteFile { path: file.name.as_str().into(), content: file.content.as_str().into() });
        }
    }

    /// The files that the page has written and not deleted since.
    fn written(&self) -> Vec<Rc<str>> {
        let mut paths: Vec<Rc<str>> = Vec::new();
        for entry in self.inner.log() {
            match &entry.input {
                Input::WriteFile { path, .. } if !paths.contains(path) => paths.push(path.clone()),
                Input::DeleteFile { path } => paths.retain(|other| other != path),
                _ => {}
            }
        }
        paths
    }

    /// Gives a console command. A command that still waits is ended by it, as by Ctrl+C.
    pub fn run(&mut self, command: &str) {
        self.input(Input::Command(command.into()));
    }

    fn input(&mut self, input: Input) {
        let clock = self.inner.clock();
        self.inner.input(input);
        if self.inner.log().is_empty() {
            // It was a reset. The cluster is a fresh one; how time runs is the person's choice.
            self.inner.play(clock.playing);
            self.inner.set_speed(clock.speed_milli);
            self.generation += 1;
            self.console_moved = true;
        }
        self.console_moved |= self.inner.clock().now_ms < clock.now_ms;
    }

    /// Interrupts the running command.
    pub fn interrupt(&mut self) {
        self.inner.interrupt();
    }

    /// Lets real time pass.
    pub fn advance(&mut self, elapsed_ms: u32) {
        self.inner.advance(elapsed_ms, STEPS_A_FRAME);
    }

    /// Lets time run, or stops it.
    pub fn play(&mut self, playing: bool) {
        self.inner.play(playing);
    }

    /// Sets the speed, in thousandths of real time.
    pub fn set_speed(&mut self, speed_milli: u32) {
        self.inner.set_speed(speed_milli);
    }

    /// Steps on, or back, and stops.
    pub fn step_by(&mut self, stride: Stride, on: bool) {
        self.inner.step_by(stride, on);
        self.console_moved |= !on;
    }

    /// Takes the last action back.
    pub fn undo(&mut self) {
        self.console_moved |= self.inner.undo();
    }

    /// Does it again.
    pub fn redo(&mut self) {
        self.console_moved |= self.inner.redo();
    }

    /// Lets time run until something happens.
    pub fn play_until_event(&mut self) {
        self.inner.play_until_event();
    }

    /// Repeats a range, or stops that.
    pub fn play_range(&mut self, range: Option<(u64, u64)>) {
        self.console_moved = true;
        self.inner.play_range(range);
    }

    /// Sets a mark at this moment.
    pub fn mark(&mut self) {
        self.inner.set_mark(MarkKind::User, "");
    }

    /// Takes the marks of a moment away.
    pub fn unmark(&mut self, at_ms: u64) {
        self.inner.remove_mark(at_ms);
    }

    /// Goes to the next mark, or the one before.
    pub fn to_mark(&mut self, on: bool) {
        if let Some(mark) = self.inner.mark_beside(on) {
            self.seek(mark.at_ms);
        }
    }

    /// Makes another line of history the present one.
    pub fn switch(&mut self, name: &str) {
        self.console_moved |= self.inner.switch(name);
    }

    /// Forgets another line of history.
    pub fn drop_branch(&mut self, name: &str) {
        self.inner.drop_branch(name);
        self.generation += 1;
    }

    /// In what another line of history differs at this moment.
    pub fn compare(&self, name: &str) -> Option<Comparison> {
        self.inner.compare(name)
    }

    /// Begins, or ends, the record of the control loop.
    pub fn set_tracing(&mut self, on: bool) {
        if on != self.inner.is_tracing() {
            self.inner.set_tracing(on);
        }
    }

    /// Changes whenever [`Session::timeline`] says something else.
    pub fn timeline_revision(&self) -> (u64, u64, u64, u64) {
        let (happened, done) = self.inner.timeline_revision();
        let looked = if self.inner.is_tracing() { self.inner.cluster().steps() + 1 } else { 0 };
        (self.generation, happened, done, looked)
    }

    /// Everything that the timeline shows.
    pub fn timeline(&self) -> Timeline {
        let (undo, redo) = self.inner.undo_redo();
        let words = |input: &Input| -> Text {
            match input {
                Input::Command(text) => text.lines().next().unwrap_or_default().into(),
                Input::WriteFile { path, .. } | Input::DeleteFile { path } => path.clone(),
            }
        };
        Timeline {
            ticks: self.inner.ticks().cloned().collect(),
            marks: self.inner.marks(),
            lanes: time::lanes(self.inner.phases()),
            branches: self.inner.branches(),
            undo: undo.map(words),
            redo: redo.map(words),
            looks: self.inner.cluster().looks().rev().take(LOOKS).map(|look| look_of(look)).collect(),
        }
    }

    /// What the session can be taken away as, but for links and the picture.
    pub fn texts(&self, files: &[NamedText]) -> ShareTexts {
        ShareTexts {
            commands: self.inner.commands().into(),
            transcript: self.inner.transcript().into(),
            saved: self.share(files).into(),
            kind: self.inner.export(Engine::Kind).into(),
            kwok: self.inner.export(Engine::Kwok).into(),
            ..ShareTexts::default()
        }
    }

    /// Goes to a moment.
    pub fn seek(&mut self, ms: u64) {
        self.console_moved |= ms < self.inner.clock().now_ms;
        self.inner.seek(SimTime::from_millis(ms));
    }

    /// Where time is.
    pub fn clock(&self) -> Clock {
        self.inner.clock()
    }

    /// Changes whenever the picture may have changed.
    pub fn revision(&self) -> (u64, u64, u64) {
        let (inputs, steps) = self.inner.revision();
        (self.generation, inputs, steps)
    }

    /// The picture of this moment.
    pub fn snapshot(&self) -> Rc<Snapshot> {
        self.inner.snapshot()
    }

    /// What the console printed since the last call. After a rewind that is everything it shows at that moment.
    pub fn take_console(&mut self) -> Vec<ConsoleLine> {
        let new = self.inner.take_console();
        if !std::mem::take(&mut self.console_moved) {
            return new;
        }
        let clear = ConsoleLine { kind: LineKind::Clear, text: "".into() };
        [clear].into_iter().chain(self.inner.console().cloned()).collect()
    }

    /// Why an object waits at this moment, or why it is where it is.
    pub fn why(&self, target: &ObjectRef) -> Why {
        view::why(self.inner.cluster(), target)
    }

    /// What could complete a line whose cursor is behind that many of JavaScript's units.
    pub fn complete(&self, line: &str, cursor: usize) -> Completion {
        let mut units = 0;
        let before = line.char_indices().take_while(|(_, character)| {
            units += character.len_utf16();
            units <= cursor
        });
        let bytes = before.last().map_or(0, |(at, character)| at + character.len_utf8());
        self.inner.complete(line, bytes)
    }

    /// The names of a kind's objects, in every namespace.
    pub fn names(&self, plural: &str) -> Vec<String> {
        let printed = self.ask(&format!("kubectl get {plural} -A --no-headers -o custom-columns=NAME:.metadata.name"));
        let mut names: Vec<String> = printed.lines().map(|line| line.trim().to_owned()).collect();
        names.retain(|name| !name.is_empty() && !name.contains(' '));
        names.sort();
        names.dedup();
        names
    }

    /// `kind-name` of a manifest's first object.
    pub fn first_name(text: &str) -> Option<String> {
        let documents = manifest::parse("", text).documents;
        let body = documents.into_iter().find_map(|document| document.body.ok())?;
        Some(format!("{}-{}", body.kind()?.to_lowercase(), body.name()?))
    }

    /// The document of a text that a line is in.
    pub fn document_at(text: &str, line: u32) -> String {
        let lines: Vec<&str> = text.lines().collect();
        let at = (line.saturating_sub(1) as usize).min(lines.len());
        let is_mark = |at: &usize| lines[*at].starts_with("---");
        let first = (0..at).rev().find(is_mark).map_or(0, |at| at + 1);
        let last = (at..lines.len()).find(is_mark).unwrap_or(lines.len());
        lines[first.min(last)..last].join("\n")
    }

    /// Every kind that can be listed, by name.
    pub fn kinds() -> Vec<Listed> {
        let can_list = |resource: &&schema::Resource| resource.preferred && resource.verbs.contains(&"list");
        let listed = |resource: &'static schema::Resource| Listed {
            kind: resource.kind,
            plural: resource.plural,
            namespaced: resource.namespaced,
        };
        // Events are in two groups under one name.
        let is_first = |resource: &&schema::Resource| resource.group != "events.k8s.io";
        let mut kinds: Vec<Listed> = schema::resources().iter().filter(can_list).filter(is_first).map(listed).collect();
        kinds.sort_by_key(|each| each.kind);
        kinds
    }

    /// The command whose output is a kind's table.
    pub fn table_command(plural: &str, namespaced: bool) -> String {
        let all = if namespaced { " -A" } else { "" };
        let wide = if matches!(plural, "pods" | "nodes") { " -o wide" } else { "" };
        format!("kubectl get {plural}{all}{wide}")
    }

    /// Where the files say what a cause points to: a file's id, the line and the column.
    pub fn find(files: &[EditorFile], cause: &Cause) -> Option<(u32, u32, u32)> {
        let segment = |name: &Text| match name.parse() {
            Ok(index) => manifest::Segment::Index(index),
            Err(_) => manifest::Segment::Key(name.to_string()),
        };
        let path: Vec<manifest::Segment> = cause.path.iter().map(segment).collect();
        let is_meant = |body: &manifest::Body| {
            let namespace = body.namespace().unwrap_or("default");
            body.kind() == Some(&*cause.object.kind)
                && body.name() == Some(&*cause.object.name)
                && (cause.object.namespace.is_empty() || namespace == &*cause.object.namespace)
        };
        files.iter().find_map(|file| {
            let documents = manifest::parse(&file.name, &file.content).documents;
            let body = documents.into_iter().filter_map(|document| document.body.ok()).find(is_meant)?;
            let (line, column, ..) = place(body.positions.nearest(&path).label());
            Some((file.id, line, column))
        })
    }

    /// What a command answers at this moment. Asked of a copy: nothing is recorded.
    pub fn ask(&self, command: &str) -> Text {
        let answer = self.inner.ask(command);
        answer.map_or("".into(), |result| if result.exit_code == 0 { &*result.stdout } else { &*result.stderr }.into())
    }

    /// What is wrong with a file.
    pub fn check(id: u32, name: &str, text: &str) -> Vec<Diagnostic> {
        manifest::check(name, text).into_iter().map(|found| diagnostic(id, found)).collect()
    }
}

/// The most looks of the control loop that are shown.
const LOOKS: usize = 60;

fn look_of(look: &LookRecord) -> Look {
    Look {
        step: look.step,
        time: view::clock_text(look.at.as_millis()).into(),
        brain: look.brain.into(),
        key: look.key.as_ref().map(ToString::to_string).unwrap_or_default().into(),
        why: look.why.clone(),
        saw: look.saw.clone(),
        decided: look.decided.clone(),
        failed: look.failed.clone(),
    }
}

fn scenario_files(scenario: &Scenario) -> Vec<NamedText> {
    let file =
        |file: &playback::ScenarioFile| NamedText { name: file.name.to_string(), content: file.content.to_string() };
    scenario.files.iter().map(file).collect()
}

/// A speed as links have it: 1 for real time.
fn speed(milli: u32) -> Value {
    if milli.is_multiple_of(1_000) { json!(milli / 1_000) } else { json!(f64::from(milli) / 1_000.0) }
}

fn diagnostic(file: u32, found: manifest::Diagnostic) -> Diagnostic {
    let (line, column, end_line, end_column) = place(found.span);
    let edit = |edit: manifest::Edit| {
        let (line, column, end_line, end_column) = place(edit.span);
        Edit { line, column, end_line, end_column, replacement: edit.text.into() }
    };
    Diagnostic {
        file,
        level: match found.severity {
            manifest::Severity::Error => Level::Error,
            manifest::Severity::Warning => Level::Warning,
        },
        line,
        column,
        end_line,
        end_column,
        message: found.message.into(),
        hint: found.hint.map(Into::into),
        fix: found.fix.map(|fix| Fix { label: fix.title.into(), edits: fix.edits.into_iter().map(edit).collect() }),
    }
}

fn place(span: manifest::Span) -> (u32, u32, u32, u32) {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    (number(span.start.line), number(span.start.column), number(span.end.line), number(span.end.column))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use view::{ObjectRef, Why};

    use super::Session;
    use crate::files::{Files, NamedText};
    use crate::settings::Pace;

    /// A session a minute after these commands.
    fn after(commands: &[&str]) -> Session {
        let mut session = Session::new(2, 1, Pace::Classroom);
        for command in commands {
            session.run(command);
        }
        session.seek(60_000);
        session
    }

    fn told(why: &Why) -> String {
        let mut lines: Vec<String> =
            why.chain.iter().map(|step| format!("{} [{}] {}", step.target, step.rule, step.sentence)).collect();
        lines.extend(why.cause.iter().map(|cause| format!("see {} at {}", cause.object, cause.path.join("."))));
        lines.extend(why.remedies.iter().map(|remedy| format!("{}: {}", remedy.label, remedy.command)));
        lines.join("\n")
    }

    const SET: &str = "kubectl apply -f - <<'EOF'
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: db:1, volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
EOF";

    #[test]
    fn why_follows_the_chain_to_the_class_that_does_not_exist() {
        let session = after(&[SET]);
        expect![[r#"
            StatefulSet default/db [OrderedReady] db-1 is not created yet: OrderedReady waits for db-0 to be Running and Ready.
            Pod default/db-0 [FailedScheduling] It waits until its claims are bound to volumes.
            PersistentVolumeClaim default/data-db-0 [ProvisioningFailed] There is no StorageClass fast.
            see StatefulSet default/db at spec.volumeClaimTemplates.0.spec.storageClassName
            Create StorageClass fast: kubectl apply -f - <<'EOF'
            apiVersion: storage.k8s.io/v1
            kind: StorageClass
            metadata:
              name: fast
            provisioner: podground.dev/disk
            volumeBindingMode: WaitForFirstConsumer
            EOF"#]].assert_eq(&told(&session.why(&ObjectRef::new("StatefulSet", "default", "db"))));
        let session = after(&[
            SET,
            "sim image break db:1",
            "kubectl apply -f - <<'EOF'\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: podground.dev/disk\nEOF",
        ]);
        expect![[r#"
            StatefulSet default/db [OrderedReady] db-1 is not created yet: OrderedReady waits for db-0 to be Running and Ready.
            Pod default/db-0 [ImagePullBackOff] Container db: Back-off pulling image "db:1": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/db:1": failed to resolve reference "docker.io/library/db:1": docker.io/library/db:1: not found; tried again at 2026-01-01T00:01:12Z.
            see StatefulSet default/db at spec.template.spec.containers.0.image
            Make db:1 work: sim image fix db:1
            Delete db-0: kubectl delete pod db-0 --wait=false"#]].assert_eq(&told(&session.why(&ObjectRef::new("StatefulSet", "default", "db"))));
    }

    #[test]
    fn why_shows_what_each_plugin_said() {
        let session = after(&[
            "kubectl taint nodes node-1 dedicated=infra:NoSchedule",
            "kubectl cordon node-2",
            "kubectl create deployment web --image=web:1",
        ]);
        let why = session.why(&ObjectRef::new("Deployment", "default", "web"));
        expect![[r#"
            Deployment default/web [] Some of what it made waits.
            ReplicaSet default/web-76f464fd7c [] Some of what it made waits.
            Pod default/web-76f464fd7c-85fwr [FailedScheduling] It fits no node: 1 of 2 nodes is cordoned.
            see Deployment default/web at spec.template.spec
            Remove the taint dedicated of node-1: kubectl taint nodes node-1 dedicated:NoSchedule-
            Uncordon node-2: kubectl uncordon node-2"#]]
        .assert_eq(&told(&why));
        let scheduling = why.scheduling.expect("a pod was tried");
        let rows: Vec<String> = scheduling.rows.iter().map(|row| format!("{}: {}", row.node, row.reason)).collect();
        expect![[r#"
            node-1: TaintToleration: node(s) had untolerated taint(s)
            node-2: NodeUnschedulable: node(s) were unschedulable"#]]
        .assert_eq(&rows.join("\n"));
    }

    #[test]
    fn a_cause_is_found_in_the_files() {
        let content = "kind: Service\nmetadata: {name: db}\n---\nkind: StatefulSet\nmetadata:\n  name: db\nspec:\n  replicas: 3\n";
        let files = Files::new([NamedText { name: "a.yaml".into(), content: content.into() }]);
        let cause = view::Cause {
            object: ObjectRef::new("StatefulSet", "default", "db"),
            path: vec!["spec".into(), "replicas".into(), "0".into()],
        };
        assert_eq!(Session::find(files.list(), &cause), Some((0, 8, 3)));
    }
}
