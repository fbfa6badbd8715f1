//! Where output goes: frames of redirections, pipes and captures, one inside of the other.

use std::rc::Rc;

use super::{Machine, Options, Vars};
use crate::compile::{FrameKind, Routing};
use crate::files::{FileError, MAX_TEXT_BYTES};
use crate::record::{Progress, Stream};
use crate::syntax::Output;

/// Where one output of a frame goes.
#[derive(Clone, Debug)]
pub(super) enum Route {
    /// To an output of the frame around.
    Above(Stream),
    /// Kept in the frame.
    Buffer,
    /// To the end of a file.
    File(Rc<str>),
}

/// How high the machine's stacks were when a frame opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heights {
    builders: usize,
    loops: usize,
    subjects: usize,
    pipes: usize,
    record_depth: u32,
}

/// What a shell of its own must not change for the one around.
#[derive(Clone, Debug)]
struct Saved {
    vars: Vars,
    options: Options,
    folder: String,
}

/// A stretch of the script whose input or output is not that of the script.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    kind: FrameKind,
    out: Route,
    err: Route,
    buffer: String,
    stdin: Option<Rc<str>>,
    saved: Option<Saved>,
    pub(super) heights: Heights,
    /// The instruction that closes the frame.
    pub(super) end: usize,
}

impl Frame {
    /// `exit` ends such a frame and not the script.
    pub(super) fn is_shell(&self) -> bool {
        self.saved.is_some()
    }
}

impl<J: Clone> Machine<J> {
    /// Whether what is printed here goes to the script's own output: at most `( … )` around.
    pub(super) fn in_the_open(&self) -> bool {
        self.frames.iter().all(|frame| frame.kind == FrameKind::Subshell)
    }

    pub(super) fn open(&mut self, kind: FrameKind, end: usize) {
        let out = match kind {
            FrameKind::Capture | FrameKind::Element { writes: true, .. } => Route::Buffer,
            _ => Route::Above(Stream::Out),
        };
        let shell = &self.shell;
        let saved = (kind != FrameKind::Redirects).then(|| Saved {
            vars: shell.vars.clone(),
            options: shell.options,
            folder: shell.files.current().to_owned(),
        });
        let stdin = matches!(kind, FrameKind::Element { reads: true, .. }).then(|| std::mem::take(&mut self.piped));
        let heights = Heights {
            builders: self.builders.len(),
            loops: self.loops.len(),
            subjects: self.subjects.len(),
            pipes: self.pipes.len(),
            record_depth: self.record_depth,
        };
        let err = Route::Above(Stream::Err);
        self.frames.push(Frame { kind, out, err, buffer: String::new(), stdin, saved, heights, end });
    }

    /// Closes the last frame and returns what it caught.
    pub(super) fn close(&mut self) -> String {
        let Some(frame) = self.frames.pop() else { return String::new() };
        self.drop_to(frame.heights);
        if let Some(saved) = frame.saved {
            self.shell.vars = saved.vars;
            self.shell.options = saved.options;
            // The folder may be gone; then the shell stays where it is.
            _ = self.shell.files.enter(&saved.folder);
        }
        if let FrameKind::Element { writes, .. } = frame.kind {
            if let (Some(worst), true) = (self.pipes.last_mut(), self.status != 0) {
                *worst = self.status;
            }
            if writes {
                self.piped = frame.buffer.into();
                return String::new();
            }
        }
        frame.buffer
    }

    pub(super) fn drop_to(&mut self, heights: Heights) {
        self.builders.truncate(heights.builders);
        self.loops.truncate(heights.loops);
        self.subjects.truncate(heights.subjects);
        self.pipes.truncate(heights.pipes);
        self.record_depth = heights.record_depth;
    }

    /// Applies a redirection to the last frame; `false` if its file cannot be used.
    pub(super) fn redirect(&mut self, how: Routing, word: &str) -> bool {
        let files = &mut self.shell.files;
        let opened = match how {
            Routing::From => files.read(word).map(Some),
            Routing::Here { newline } => Ok(Some(format!("{word}{}", if newline { "\n" } else { "" }).into())),
            Routing::To { append: true, .. } if files.exists(word) && !files.is_folder(word) => Ok(None),
            Routing::To { .. } if matches!(word, "/dev/stdout" | "/dev/stderr") => Ok(None),
            Routing::To { .. } if word.is_empty() => Err(FileError::NotFound),
            Routing::To { .. } => files.write(word, "").map(|()| None),
        };
        let Some(frame) = self.frames.last_mut() else { return true };
        match (opened, how) {
            (Ok(stdin @ Some(_)), _) => frame.stdin = stdin,
            (Ok(None), Routing::To { from, .. }) => {
                let route = match word {
                    "/dev/stdout" => frame.out.clone(),
                    "/dev/stderr" => frame.err.clone(),
                    path => Route::File(path.into()),
                };
                if from != Output::Err {
                    frame.out = route.clone();
                }
                if from != Output::Out {
                    frame.err = route;
                }
            }
            (Ok(None), _) => {}
            (Err(error), _) => {
                let message = format!("{}: {word}: {error}\n", self.name());
                self.write(Stream::Err, &message);
                self.status = 1;
                let heights = self.frames.last().map(|frame| frame.heights);
                heights.into_iter().for_each(|heights| self.drop_to(heights));
                return false;
            }
        }
        true
    }

    /// `2>&1` and its like.
    pub(super) fn join(&mut self, from: u8, to: u8) {
        if let Some(frame) = self.frames.last_mut() {
            let route = if to == 2 { frame.err.clone() } else { frame.out.clone() };
            *(if from == 2 { &mut frame.err } else { &mut frame.out }) = route;
        }
    }

    /// The input of the command that runs now.
    pub(super) fn stdin(&self) -> Rc<str> {
        let inner = self.frames.iter().rev().find_map(|frame| frame.stdin.clone());
        inner.unwrap_or_else(|| Rc::clone(&self.shell.input))
    }

    /// Prints: through the frames, to the record and to whoever listens.
    pub(super) fn write(&mut self, stream: Stream, text: &str) {
        if text.is_empty() {
            return;
        }
        self.spend(text.len() / 256);
        let mut stream = stream;
        for frame in self.frames.iter_mut().rev() {
            let route = if stream == Stream::Out { &frame.out } else { &frame.err };
            match route {
                Route::Above(next) => stream = *next,
                Route::Buffer if frame.buffer.len() + text.len() > MAX_TEXT_BYTES => {
                    self.broken = Some(format!("output is {}", FileError::TooLong));
                    return;
                }
                Route::Buffer => {
                    frame.buffer.push_str(text);
                    return;
                }
                Route::File(path) => {
                    if let Err(error) = self.shell.files.append(path, text) {
                        self.broken = Some(format!("{path}: {error}"));
                    }
                    return;
                }
            }
        }
        match (&mut self.record, stream) {
            (Some(record), Stream::Out) => record.stdout.push_str(text),
            (Some(record), Stream::Err) => record.stderr.push_str(text),
            (None, _) => self.early.push_str(text),
        }
        self.pending.push_back(Progress::Output { stream, text: text.to_owned() });
    }
}
