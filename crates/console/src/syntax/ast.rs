//! The parts of a script, as the parser finds them.

/// Commands one after the other.
pub type List = Vec<AndOr>;

/// Pipelines joined by `&&` and `||`, evaluated from left to right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AndOr {
    /// The pipeline that always runs.
    pub first: Pipeline,
    /// The others, each with what the exit code so far must be.
    pub rest: Vec<(Joint, Pipeline)>,
}

/// What joins two pipelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Commands joined by `|`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// The line on which it starts.
    pub line: u32,
    /// The pipeline as written, for records.
    pub text: String,
    /// `!` stands before it.
    pub negated: bool,
    /// At least one.
    pub commands: Vec<Command>,
}

/// One command with its redirections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What it does.
    pub kind: CommandKind,
    /// In the order written.
    pub redirects: Vec<Redirect>,
}

/// The kinds of commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandKind {
    /// Words, perhaps after assignments.
    Simple {
        /// Those before the first word.
        assignments: Vec<Assignment>,
        /// The command and its arguments.
        words: Vec<Word>,
    },
    /// `[[ … ]]`: the words between, which are not split.
    Test(Vec<Word>),
    /// `{ …; }`
    Group(List),
    /// `( … )`
    Subshell(List),
    /// `if`
    If {
        /// Each condition with what it guards.
        branches: Vec<(List, List)>,
        /// `else`
        otherwise: List,
    },
    /// `while` and `until`
    Loop {
        /// `until`
        until: bool,
        /// Runs before each round.
        condition: List,
        /// Runs in each round.
        body: List,
    },
    /// `for`
    For {
        /// The variable.
        name: String,
        /// Its values.
        words: Vec<Word>,
        /// Runs in each round.
        body: List,
    },
    /// `case`
    Case {
        /// What is looked at.
        subject: Word,
        /// Patterns with what they guard.
        arms: Vec<(Vec<Word>, List)>,
    },
}

/// `NAME=value` or `NAME+=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// `+=`
    pub append: bool,
    /// What it becomes.
    pub value: Word,
}

/// A word: parts that are joined without blanks.
pub type Word = Vec<Part>;

/// A part of a word. What is quoted is neither split nor a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Literal text.
    Text {
        /// The text.
        text: String,
        /// In quotes or after a backslash.
        quoted: bool,
    },
    /// `$NAME`, `${NAME…}`
    Param {
        /// A name, or one of the special ones: `?`, `#`, `@`, `0`…
        name: String,
        /// What the braces ask for.
        wish: ParamWish,
        /// In double quotes.
        quoted: bool,
    },
    /// `$(…)` or backticks.
    Command {
        /// What runs.
        list: List,
        /// In double quotes.
        quoted: bool,
    },
    /// `$((…))`
    Arithmetic {
        /// The expression, after expansion.
        expression: Word,
        /// In double quotes.
        quoted: bool,
    },
}

/// What a `${NAME…}` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParamWish {
    /// The value.
    Value,
    /// `${#NAME}`: how many characters it has.
    Length,
    /// `:-` `:=` `:+` `:?` and the same without the colon.
    Default {
        /// The sign: `-`, `=`, `+` or `?`.
        sign: char,
        /// With a colon an empty value counts as none.
        colon: bool,
        /// The word after the sign.
        word: Word,
    },
}

/// A redirection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// `<`
    From(Word),
    /// `<<` (an index into [`Script::heredocs`]) or `<<<`
    Here(usize),
    /// `<<<`
    HereString(Word),
    /// `>`, `>>`, `2>`, `&>`…
    To {
        /// Which output.
        from: Output,
        /// `>>`
        append: bool,
        /// The file.
        file: Word,
    },
    /// `2>&1`, `1>&2`
    Join {
        /// The output that changes: 1 or 2.
        from: u8,
        /// The one it follows: 1 or 2.
        to: u8,
    },
}

/// What a redirection takes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
    /// Both.
    Both,
}

/// A whole script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// What runs.
    pub list: List,
    /// The texts of the here-documents.
    pub heredocs: Vec<Word>,
}
