//! Script to instructions: jumps for conditions and loops, frames for everything that redirects.
//!
//! The machine that executes them has no stack of calls, so it can stop between any two instructions, be cloned, and go
//! on. Words are built piece by piece on a stack of word lists; `$(…)` opens a frame that catches its output, runs, and
//! adds what it caught to the word below.

use std::rc::Rc;

use crate::syntax::*;

/// One step of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instr {
    /// A new list of words begins.
    Words,
    /// Literal text for the current word.
    Text { text: Rc<str>, quoted: bool },
    /// The value of a variable for the current word.
    Param { name: Rc<str>, quoted: bool },
    /// How many characters a variable has.
    Length { name: Rc<str>, quoted: bool },
    /// Jumps if a variable has a value (with `nonempty`: one that is not empty).
    JumpIfSet { name: Rc<str>, nonempty: bool, to: usize },
    /// The last list is the value of a variable, which joins the word below: `${x:=y}`.
    AssignDefault { name: Rc<str> },
    /// The last list is the reason to stop the script: `${x:?y}`.
    Unset { name: Rc<str> },
    /// The last list is an expression, whose value joins the word below.
    Arithmetic { quoted: bool },
    /// The current word ends.
    EndWord { split: bool },
    /// The last list is the value of a variable. Before a command it is only checked.
    Assign { name: Rc<str>, append: bool, keep: bool },

    /// A command begins, whose result is reported unless it is part of another one.
    Record { line: u32, text: Rc<str>, tested: bool },
    /// It ends.
    EndRecord,
    /// `!`
    Negate,
    /// The last list is a command: run it.
    Run,
    /// `[[ … ]]`: the last list is a condition.
    Test,

    /// A frame opens, and ends at this instruction.
    Open { frame: FrameKind, end: usize },
    /// A redirection for the last frame: the last list is its file. Jumps if the file cannot be used.
    Redirect { how: Routing, failed: usize },
    /// `2>&1`, `1>&2`.
    Join { from: u8, to: u8 },
    /// The last frame closes.
    Close,
    /// The last frame closes, and what it caught joins the current word.
    CloseCapture { quoted: bool },
    /// A pipeline begins or ends.
    Pipe { begins: bool },

    /// Goes on elsewhere.
    Jump(usize),
    /// Goes on elsewhere if the exit code is 0 (`success`) or is not.
    JumpIf { success: bool, to: usize },
    /// The exit code becomes 0.
    Succeed,
    /// What follows stands here; said where something fails outside of a command.
    Place { line: u32, text: Rc<str> },
    /// A `while` or `until` begins.
    Loop,
    /// One more round; jumps if there were too many.
    Round { broken: usize },
    /// A `for` begins over the last list.
    For,
    /// The next value, or the end.
    Next { name: Rc<str>, done: usize },
    /// The exit code of this round is that of the loop.
    Keep,
    /// A loop ends with the exit code kept.
    EndLoop,
    /// A loop is left from within an inner one.
    DropLoop,
    /// The last list is the subject of a `case`.
    Subject,
    /// The last list is a pattern: jumps if the subject matches.
    Match { to: usize },
    /// A `case` ends.
    EndCase,
}

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// Redirections.
    Redirects,
    /// `( … )`
    Subshell,
    /// `$(…)`
    Capture,
    /// A command of a pipeline.
    Element {
        /// It reads what the one before wrote.
        reads: bool,
        /// The one after reads what it writes.
        writes: bool,
    },
}

/// What a redirection does with its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routing {
    /// `<`
    From,
    /// The word is the input itself: here-documents and `<<<`.
    Here { newline: bool },
    /// `>` and `>>`
    To { from: Output, append: bool },
}

/// The instructions of a script.
pub fn compile(script: &Script) -> Result<Vec<Instr>, SyntaxError> {
    let mut compiler = Compiler { script, code: Vec::new(), scopes: Vec::new(), line: 1 };
    compiler.list(&script.list, false)?;
    Ok(compiler.code)
}

/// What surrounds a command, for `break` and `continue`.
enum Scope {
    /// Where the next round begins, and the jumps that wait to learn where the loop ends.
    Loop {
        top: usize,
        breaks: Vec<usize>,
    },
    Case,
    /// Nothing can jump out of a frame.
    Frame,
}

struct Compiler<'a> {
    script: &'a Script,
    code: Vec<Instr>,
    scopes: Vec<Scope>,
    line: u32,
}

type Compiled = Result<(), SyntaxError>;

impl Compiler<'_> {
    fn emit(&mut self, instr: Instr) -> usize {
        self.code.push(instr);
        self.code.len() - 1
    }

    fn here(&self) -> usize {
        self.code.len()
    }

    /// Lets a jump that was made before go to the next instruction.
    fn land(&mut self, jump: usize) {
        let here = self.here();
        match &mut self.code[jump] {
            Instr::Jump(to)
            | Instr::JumpIf { to, .. }
            | Instr::JumpIfSet { to, .. }
            | Instr::Match { to }
            | Instr::Open { end: to, .. }
            | Instr::Redirect { failed: to, .. }
            | Instr::Round { broken: to }
            | Instr::Next { done: to, .. } => *to = here,
            other => unreachable!("not a jump: {other:?}"),
        }
    }

    fn list(&mut self, list: &List, tested: bool) -> Compiled {
        for item in list {
            let last = item.rest.len();
            self.pipeline(&item.first, tested || last > 0)?;
            for (at, (joint, pipeline)) in item.rest.iter().enumerate() {
                let skip = self.emit(Instr::JumpIf { success: *joint == Joint::Or, to: 0 });
                self.pipeline(pipeline, tested || at + 1 < last)?;
                self.land(skip);
            }
        }
        Ok(())
    }

    fn pipeline(&mut self, pipeline: &Pipeline, tested: bool) -> Compiled {
        self.line = pipeline.line;
        let tested = tested || pipeline.negated;
        if let [command] = &pipeline.commands[..] {
            if let Some(done) = self.flow_control(command) {
                return done;
            }
            if command.redirects.is_empty()
                && !matches!(command.kind, CommandKind::Simple { .. } | CommandKind::Test(_))
            {
                self.command(command, tested, &pipeline.text)?;
                self.negate(pipeline.negated);
                return Ok(());
            }
        }
        self.emit(Instr::Record { line: pipeline.line, text: pipeline.text.as_str().into(), tested });
        match &pipeline.commands[..] {
            [command] => self.command(command, tested, &pipeline.text)?,
            commands => {
                self.emit(Instr::Pipe { begins: true });
                for (at, command) in commands.iter().enumerate() {
                    let frame = FrameKind::Element { reads: at > 0, writes: at + 1 < commands.len() };
                    self.frame(frame, |this| this.command(command, tested, &pipeline.text))?;
                }
                self.emit(Instr::Pipe { begins: false });
            }
        }
        self.negate(pipeline.negated);
        self.emit(Instr::EndRecord);
        Ok(())
    }

    fn negate(&mut self, negated: bool) {
        if negated {
            self.emit(Instr::Negate);
        }
    }

    fn frame(&mut self, frame: FrameKind, inside: impl FnOnce(&mut Self) -> Compiled) -> Compiled {
        let open = self.emit(Instr::Open { frame, end: 0 });
        self.scopes.push(Scope::Frame);
        inside(self)?;
        self.scopes.pop();
        self.land(open);
        self.emit(Instr::Close);
        Ok(())
    }

    fn command(&mut self, command: &Command, tested: bool, text: &str) -> Compiled {
        if command.redirects.is_empty() {
            return self.kind(&command.kind, tested, text);
        }
        let open = self.emit(Instr::Open { frame: FrameKind::Redirects, end: 0 });
        self.scopes.push(Scope::Frame);
        // The words of a simple command are expanded before its redirections take effect.
        if let CommandKind::Simple { words, .. } = &command.kind {
            self.words(words, true)?;
        }
        let mut failing = Vec::new();
        for redirect in &command.redirects {
            failing.extend(self.redirect(redirect)?);
        }
        match &command.kind {
            CommandKind::Simple { assignments, words } => self.run(assignments, words.is_empty())?,
            kind => self.kind(kind, tested, text)?,
        }
        self.scopes.pop();
        self.land(open);
        failing.into_iter().for_each(|jump| self.land(jump));
        self.emit(Instr::Close);
        Ok(())
    }

    fn redirect(&mut self, redirect: &Redirect) -> Result<Option<usize>, SyntaxError> {
        let (word, how) = match redirect {
            Redirect::From(file) => (file, Routing::From),
            Redirect::HereString(word) => (word, Routing::Here { newline: true }),
            Redirect::Here(index) => (&self.script.heredocs[*index], Routing::Here { newline: false }),
            Redirect::To { from, append, file } => (file, Routing::To { from: *from, append: *append }),
            Redirect::Join { from, to } => {
                self.emit(Instr::Join { from: *from, to: *to });
                return Ok(None);
            }
        };
        self.single(word)?;
        Ok(Some(self.emit(Instr::Redirect { how, failed: 0 })))
    }

    fn kind(&mut self, kind: &CommandKind, tested: bool, text: &str) -> Compiled {
        match kind {
            CommandKind::Simple { assignments, words } => {
                self.words(words, true)?;
                self.run(assignments, words.is_empty())
            }
            CommandKind::Test(words) => {
                self.words(words, false)?;
                self.emit(Instr::Test);
                Ok(())
            }
            CommandKind::Group(list) => self.list(list, tested),
            CommandKind::Subshell(list) => self.frame(FrameKind::Subshell, |this| this.list(list, tested)),
            CommandKind::If { branches, otherwise } => self.conditional(branches, otherwise, tested),
            CommandKind::Loop { until, condition, body } => self.looping(*until, condition, body, tested, text),
            CommandKind::For { name, words, body } => self.for_loop(name, words, body, tested, text),
            CommandKind::Case { subject, arms } => self.case(subject, arms, tested, text),
        }
    }

    fn run(&mut self, assignments: &[Assignment], keep: bool) -> Compiled {
        for Assignment { name, append, value } in assignments {
            self.single(value)?;
            self.emit(Instr::Assign { name: name.as_str().into(), append: *append, keep });
        }
        self.emit(Instr::Run);
        Ok(())
    }

    fn place(&mut self, text: &str) {
        let text = text.lines().next().unwrap_or_default();
        self.emit(Instr::Place { line: self.line, text: text.into() });
    }

    fn conditional(&mut self, branches: &[(List, List)], otherwise: &List, tested: bool) -> Compiled {
        let mut ends = Vec::new();
        for (condition, body) in branches {
            self.list(condition, true)?;
            let next = self.emit(Instr::JumpIf { success: false, to: 0 });
            self.list(body, tested)?;
            ends.push(self.emit(Instr::Jump(0)));
            self.land(next);
        }
        self.emit(Instr::Succeed);
        self.list(otherwise, tested)?;
        ends.into_iter().for_each(|end| self.land(end));
        Ok(())
    }

    fn looping(&mut self, until: bool, condition: &List, body: &List, tested: bool, text: &str) -> Compiled {
        self.place(text);
        self.emit(Instr::Loop);
        let top = self.emit(Instr::Round { broken: 0 });
        self.list(condition, true)?;
        let exit = self.emit(Instr::JumpIf { success: until, to: 0 });
        self.rounds(top, body, tested)?;
        self.land(exit);
        self.emit(Instr::EndLoop);
        self.land(top);
        Ok(())
    }

    fn for_loop(&mut self, name: &str, words: &[Word], body: &List, tested: bool, text: &str) -> Compiled {
        self.place(text);
        self.words(words, true)?;
        self.emit(Instr::For);
        let top = self.emit(Instr::Next { name: name.into(), done: 0 });
        self.rounds(top, body, tested)?;
        self.land(top);
        self.emit(Instr::EndLoop);
        Ok(())
    }

    /// The body of a loop; the loop ends at the next instruction after it.
    fn rounds(&mut self, top: usize, body: &List, tested: bool) -> Compiled {
        self.scopes.push(Scope::Loop { top, breaks: Vec::new() });
        self.list(body, tested)?;
        self.emit(Instr::Keep);
        self.emit(Instr::Jump(top));
        if let Some(Scope::Loop { breaks, .. }) = self.scopes.pop() {
            breaks.into_iter().for_each(|jump| self.land(jump));
        }
        Ok(())
    }

    fn case(&mut self, subject: &Word, arms: &[(Vec<Word>, List)], tested: bool, text: &str) -> Compiled {
        self.place(text);
        self.single(subject)?;
        self.emit(Instr::Subject);
        self.scopes.push(Scope::Case);
        let mut bodies = Vec::new();
        for (patterns, body) in arms {
            let mut jumps = Vec::new();
            for pattern in patterns {
                self.emit(Instr::Words);
                self.parts(pattern)?;
                jumps.push(self.emit(Instr::Match { to: 0 }));
            }
            bodies.push((jumps, body));
        }
        self.emit(Instr::Succeed);
        let mut ends = vec![self.emit(Instr::Jump(0))];
        for (jumps, body) in bodies {
            jumps.into_iter().for_each(|jump| self.land(jump));
            self.emit(Instr::Succeed);
            self.list(body, tested)?;
            ends.push(self.emit(Instr::Jump(0)));
        }
        self.scopes.pop();
        ends.into_iter().for_each(|end| self.land(end));
        self.emit(Instr::EndCase);
        Ok(())
    }

    /// `break` and `continue`, which are jumps.
    fn flow_control(&mut self, command: &Command) -> Option<Compiled> {
        let CommandKind::Simple { assignments, words } = &command.kind else { return None };
        let plain = |word: &Word| match &word[..] {
            [Part::Text { text, quoted: false }] => Some(text.clone()),
            _ => None,
        };
        let name = plain(words.first()?).filter(|name| name == "break" || name == "continue")?;
        let error = |message: &str| SyntaxError { line: self.line, message: message.to_owned(), incomplete: false };
        let depth = match &words[1..] {
            [] => 1,
            [depth] => match plain(depth).and_then(|depth| depth.parse::<usize>().ok()).filter(|depth| *depth > 0) {
                Some(depth) => depth,
                None => return Some(Err(error(&format!("`{name}` takes a number of loops")))),
            },
            _ => return Some(Err(error(&format!("`{name}` takes one number")))),
        };
        if !assignments.is_empty() || !command.redirects.is_empty() {
            return Some(Err(error(&format!("`{name}` stands alone"))));
        }
        Some(self.leave(&name, depth))
    }

    fn leave(&mut self, name: &str, depth: usize) -> Compiled {
        let mut loops = 0;
        for at in (0..self.scopes.len()).rev() {
            match &self.scopes[at] {
                Scope::Case => _ = self.emit(Instr::EndCase),
                Scope::Frame => break,
                Scope::Loop { top, .. } => {
                    let top = *top;
                    loops += 1;
                    if loops < depth {
                        self.emit(Instr::DropLoop);
                        continue;
                    }
                    self.emit(Instr::Succeed);
                    self.emit(Instr::Keep);
                    let jump = self.emit(Instr::Jump(top));
                    if let (Scope::Loop { breaks, .. }, "break") = (&mut self.scopes[at], name) {
                        breaks.push(jump);
                    }
                    return Ok(());
                }
            }
        }
        let message =
            format!("`{name}` is not inside of a loop (a pipe, `( … )` or `$( … )` counts as a script of its own)");
        Err(SyntaxError { line: self.line, message, incomplete: false })
    }
}

/// Words.
impl Compiler<'_> {
    fn words(&mut self, words: &[Word], split: bool) -> Compiled {
        self.emit(Instr::Words);
        for word in words {
            self.parts(word)?;
            self.emit(Instr::EndWord { split });
        }
        Ok(())
    }

    /// A list with one word that is not split.
    fn single(&mut self, word: &Word) -> Compiled {
        self.emit(Instr::Words);
        self.parts(word)?;
        self.emit(Instr::EndWord { split: false });
        Ok(())
    }

    fn parts(&mut self, word: &Word) -> Compiled {
        for part in word {
            match part {
                Part::Text { text, quoted } => {
                    _ = self.emit(Instr::Text { text: text.as_str().into(), quoted: *quoted })
                }
                Part::Arithmetic { expression, quoted } => {
                    self.single(expression)?;
                    self.emit(Instr::Arithmetic { quoted: *quoted });
                }
                Part::Command { list, quoted } => {
                    let open = self.emit(Instr::Open { frame: FrameKind::Capture, end: 0 });
                    let line = self.line;
                    self.scopes.push(Scope::Frame);
                    self.list(list, false)?;
                    self.scopes.pop();
                    self.line = line;
                    self.land(open);
                    self.emit(Instr::CloseCapture { quoted: *quoted });
                }
                Part::Param { name, wish, quoted } => self.param(name, wish, *quoted)?,
            }
        }
        Ok(())
    }

    fn param(&mut self, name: &str, wish: &ParamWish, quoted: bool) -> Compiled {
        let name: Rc<str> = name.into();
        let value = Instr::Param { name: Rc::clone(&name), quoted };
        let ParamWish::Default { sign, colon, word } = wish else {
            let length = Instr::Length { name, quoted };
            self.emit(if *wish == ParamWish::Length { length } else { value });
            return Ok(());
        };
        let set = self.emit(Instr::JumpIfSet { name: Rc::clone(&name), nonempty: *colon, to: 0 });
        match sign {
            '+' => {
                let skip = self.emit(Instr::Jump(0));
                self.land(set);
                self.parts(word)?;
                self.land(skip);
                return Ok(());
            }
            '-' => {
                self.parts(word)?;
                let skip = self.emit(Instr::Jump(0));
                self.land(set);
                self.emit(value);
                self.land(skip);
                return Ok(());
            }
            '=' => {
                self.single(word)?;
                self.emit(Instr::AssignDefault { name });
            }
            _ => {
                self.single(word)?;
                self.emit(Instr::Unset { name });
            }
        }
        self.land(set);
        self.emit(value);
        Ok(())
    }
}
