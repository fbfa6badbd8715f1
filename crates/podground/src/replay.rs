//! `podground replay FILE`, `open LINK` and `share FILE`: a saved session, from its start to its last input and on until
//! it rests; and its link.

use crate::exec;
use crate::options::Invocation;
use playback::{Input, LinkContent, Scenario, ScenarioFile, Session, parse_fragment};
use sim::{SimDuration, SimTime};

/// How long a session is followed after its last input, at the most.
const FOLLOWED: SimDuration = SimDuration::from_secs(600);

/// Runs a saved session again; answers with the exit code, or with why it could not begin.
pub fn main(args: lexopt::Parser) -> Result<i32, String> {
    let invocation = Invocation::parse(args)?;
    let text = exec::read(invocation.path.as_deref())?;
    let name = invocation.path.as_ref().map_or("standard input".into(), |path| path.display().to_string());
    let session = opened(&text).map_err(|why| format!("{name}: {why}"))?;
    play(session, invocation.trace);
    Ok(0)
}

/// Opens a link and runs what is in it: the same bytes as `replay` of the session behind it.
pub fn open(args: lexopt::Parser) -> Result<i32, String> {
    let invocation = Invocation::parse(args)?;
    let link = invocation.path.ok_or("open needs a link: podground open 'https://…#s=df1:…'")?;
    let session = opened(&link.to_string_lossy())?;
    play(session, invocation.trace);
    Ok(0)
}

/// Prints the fragment of the link that opens a saved session.
pub fn share(args: lexopt::Parser) -> Result<i32, String> {
    let invocation = Invocation::parse(args)?;
    let text = exec::read(invocation.path.as_deref())?;
    let name = invocation.path.as_ref().map_or("standard input".into(), |path| path.display().to_string());
    let session = opened(&text).map_err(|why| format!("{name}: {why}"))?;
    putln!("{}", session.fragment());
    Ok(0)
}

/// The session in a file of `sim save`, or behind a link (its fragment, or the whole address).
fn opened(text: &str) -> Result<Session, String> {
    let text = text.trim();
    let open = |json: &str| Session::open(json).map_err(|error| error.to_string());
    if text.starts_with('{') {
        return open(text);
    }
    let is_packed = text.starts_with("df1:") || text.starts_with("b64:");
    let fragment =
        if is_packed { format!("s={text}") } else { text.split_once('#').map_or(text, |(_, rest)| rest).to_owned() };
    let link = parse_fragment(&fragment);
    for complaint in &link.complaints {
        eprintln!("podground: {complaint}");
    }
    match link.content {
        LinkContent::Session(json) => open(&json),
        LinkContent::Yaml(content) => {
            let mut scenario = Scenario::default();
            scenario.options.nodes = link.nodes.unwrap_or(scenario.options.nodes);
            scenario.options.timing = playback::Timing::Classroom;
            scenario.files = vec![ScenarioFile { name: "manifest.yaml".into(), content: content.into() }];
            let mut session = Session::new(scenario);
            session.input(Input::Command("kubectl apply -f manifest.yaml".into()));
            Ok(session)
        }
        LinkContent::Damaged(why, _) => Err(format!("this link cannot be opened: {why}")),
        LinkContent::Example(_) | LinkContent::Lesson(_) => Err("examples and lessons open in the page only".into()),
        LinkContent::Source(address) => {
            Err(format!("{address} is not fetched: download it, and apply it with podground exec"))
        }
        LinkContent::Gist(id, _) => {
            Err(format!("gist {id} is not fetched: download it, and apply it with podground exec"))
        }
        LinkContent::None => {
            Err("this is no saved session: it is neither JSON (see: sim save) nor a link (#s=df1:…)".into())
        }
    }
}

/// Runs a session to its end and on until it rests, and prints its console; with `trace` every look of the loop, too.
fn play(mut session: Session, trace: bool) {
    let end = session.log().last().map_or(SimTime::ZERO, |entry| entry.at);
    if trace {
        session.set_tracing(true);
        let mut told = 0;
        follow(&mut session, end, &mut told);
        while session.is_busy() {
            session.pump();
            tell(&mut session, &mut told);
        }
        let rest = session.cluster().now() + FOLLOWED;
        while let Some(next) = session.cluster().next_progress_at().filter(|at| *at <= rest) {
            follow(&mut session, next, &mut told);
        }
    }
    session.seek(end.max(session.cluster().now()));
    while session.is_busy() {
        session.pump();
    }
    session.settle(FOLLOWED);
    for line in session.take_console() {
        put!("{}", line.transcript());
    }
}

/// Goes on to a moment, telling of each look and of what the console prints in between.
fn follow(session: &mut Session, to: SimTime, told: &mut u64) {
    loop {
        let before = (session.cluster().steps(), session.cluster().now(), session.log().len());
        session.step_towards(to);
        tell(session, told);
        let now = (session.cluster().steps(), session.cluster().now(), session.log().len());
        if now == before && session.cluster().now() >= to {
            return;
        }
    }
}

/// Prints what is new: the console, and the looks after step `told`.
fn tell(session: &mut Session, told: &mut u64) {
    for line in session.take_console() {
        put!("{}", line.transcript());
    }
    let since = *told;
    let looks: Vec<_> = session.cluster().looks().rev().take_while(|look| look.step > since).cloned().collect();
    for look in looks.iter().rev() {
        put!("{look}");
    }
    *told = session.cluster().steps();
}
