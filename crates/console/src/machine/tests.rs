//! Scripts against a host that knows a few commands with a life of their own.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::host::{Outcome, Polled, Started};

/// A clock and some commands: `kubectl show WORD…`, `kubectl input`, `kubectl fail`, `kubectl wait MS`, `kubectl tick`.
#[derive(Clone, Default)]
struct TestHost {
    now_ms: u64,
    /// Each `Waiting` moves time on by at most this much; 0 jumps.
    step_ms: u64,
}

#[derive(Clone, Debug)]
enum TestJob {
    Until(u64),
    Ticks(u64),
}

impl Host for TestHost {
    type Job = TestJob;

    fn run(&mut self, argv: &[String], stdin: &str, files: &mut Files) -> Started<TestJob> {
        let words: Vec<&str> = argv.iter().map(String::as_str).collect();
        match &words[..] {
            ["kubectl", "show", rest @ ..] => Started::Done(Outcome::ok(format!("{rest:?}\n"))),
            ["kubectl", "input"] => Started::Done(Outcome::ok(format!("got {stdin:?}\n"))),
            ["kubectl", "apply", "-f", "-"] => Started::Done(Outcome::ok(format!("applied {}", stdin))),
            ["kubectl", "apply", "-f", path] => match files.read(path) {
                Ok(text) => Started::Done(Outcome::ok(format!("applied {text}"))),
                Err(error) => Started::Done(Outcome::error(1, format!("error: {path}: {error}"))),
            },
            ["kubectl", "fail"] => {
                Started::Done(Outcome { exit_code: 1, stdout: "half\n".into(), stderr: "Error from server\n".into() })
            }
            ["kubectl", "wait", ms] => {
                let until = self.now_ms + ms.parse::<u64>().unwrap();
                let (stdout, stderr) = ("waiting\n".into(), String::new());
                Started::Waiting { job: TestJob::Until(until), stdout, stderr, until_ms: Some(until) }
            }
            ["kubectl", "tick"] => Started::Waiting {
                job: TestJob::Ticks(self.now_ms),
                stdout: String::new(),
                stderr: String::new(),
                until_ms: None,
            },
            _ => Started::Unknown,
        }
    }

    fn poll(&mut self, job: &mut TestJob, _: &mut Files) -> Polled {
        match job {
            TestJob::Until(until) if self.now_ms >= *until => Polled::Done(Outcome::ok("met\n")),
            TestJob::Until(_) => Polled::Waiting { stdout: String::new(), stderr: String::new() },
            TestJob::Ticks(last) => {
                let mut stdout = String::new();
                while *last + 20_000 <= self.now_ms {
                    *last += 20_000;
                    stdout.push_str(&format!("tick {}\n", *last / 1000));
                }
                Polled::Waiting { stdout, stderr: String::new() }
            }
        }
    }

    fn now_ms(&self) -> u64 {
        self.now_ms
    }

    fn wall_clock_ms(&self) -> i64 {
        1_767_225_600_000 + self.now_ms as i64
    }

    fn commands(&self) -> Vec<(&'static str, &'static str)> {
        vec![("kubectl", "talk to the cluster (k for short)")]
    }
}

/// Runs a script to its end; the text has one paragraph a record.
fn play(machine: &mut Machine<TestJob>, host: &mut TestHost, script: &str) -> String {
    if let Err(error) = machine.load(script, 1) {
        return format!("{error}{}\n", if error.incomplete { " …" } else { "" });
    }
    let mut text = String::new();
    let mut pieces = String::new();
    loop {
        match machine.step(host) {
            Progress::Output { text, .. } => pieces.push_str(&text),
            Progress::Ran(record) => {
                let code = if record.exit_code == 0 { String::new() } else { format!(" → {}", record.exit_code) };
                let time = if record.time_ms == 0 { String::new() } else { format!(" @{}", record.time_ms) };
                let tested = if record.tested { "?" } else { "" };
                text.push_str(&format!("{}{tested} $ {}{code}{time}\n", record.line, record.command));
                text.push_str(&record.stdout);
                text.extend(record.stderr.lines().map(|line| format!("! {line}\n")));
                let mut sorted: Vec<char> = pieces.chars().collect();
                let mut whole: Vec<char> = format!("{}{}", record.stdout, record.stderr).chars().collect();
                sorted.sort_unstable();
                whole.sort_unstable();
                assert_eq!(sorted, whole, "the pieces are the record: {record:?}");
                pieces.clear();
            }
            Progress::Waiting { until_ms, .. } => {
                assert!(until_ms > host.now_ms, "a wait lies ahead");
                host.now_ms = if host.step_ms == 0 { until_ms } else { until_ms.min(host.now_ms + host.step_ms) };
            }
            Progress::Finished { exit_code, by_exit } => {
                if by_exit {
                    text.push_str(&format!("exit {exit_code}\n"));
                }
                return text;
            }
        }
    }
}

fn check(script: &str, expected: Expect) {
    let mut host = TestHost { step_ms: 15_000, ..TestHost::default() };
    expected.assert_eq(&play(&mut Machine::new(Files::new()), &mut host, script));
}

#[test]
fn words_are_quoted_split_and_expanded_as_in_a_shell() {
    check(
        r#"A='one  two' B=
kubectl show $A "$A" '$A' "" $B x"$A"y \$A
k show ${A} ${B:-none} "${B:-a b}" ${C-c} ${A:+set} ${#A} ${C:=new} $C
kubectl show $(echo "a  b") "$(echo 'a  b')" `echo \`echo deep\`` $((1 + 2 * ${#C}))
kubectl show {1..3} web-{a,b} {x} "{1,2}" jsonpath='{.a,.b}' # comment
kubectl show a \
   b; kubectl show $'tab\there' it\'s"#,
        expect![[r#"
            1 $ A='one  two' B=
            2 $ kubectl show $A "$A" '$A' "" $B x"$A"y \$A
            ["one", "two", "one  two", "$A", "", "xone  twoy", "$A"]
            3 $ k show ${A} ${B:-none} "${B:-a b}" ${C-c} ${A:+set} ${#A} ${C:=new} $C
            ["one", "two", "none", "a b", "c", "set", "8", "new", "new"]
            4 $ kubectl show $(echo "a  b") "$(echo 'a  b')" `echo \`echo deep\`` $((1 + 2 * ${#C}))
            ["a", "b", "a  b", "deep", "7"]
            5 $ kubectl show {1..3} web-{a,b} {x} "{1,2}" jsonpath='{.a,.b}'
            ["1", "2", "3", "web-a", "web-b", "{x}", "{1,2}", "jsonpath={.a,.b}"]
            6 $ kubectl show a b
            ["a", "b"]
            7 $ kubectl show $'tab\there' it\'s
            ["tab\there", "it's"]
        "#]],
    );
}

#[test]
fn here_documents_and_files() {
    check(
        "NAME=web\ncat > a.yaml <<EOF\nname: $NAME \\$x\nEOF\nkubectl apply -f a.yaml\nkubectl apply -f - <<'EOF'\nname: $NAME\nEOF\ncat <<-END | tr a-z A-Z\n\tx\n\tEND\necho two >> a.yaml; cat < a.yaml\nls *.yaml\nkubectl input <<< \"$NAME\"\nkubectl apply -f none.yaml",
        expect![[r#"
            1 $ NAME=web
            2 $ cat > a.yaml <<EOF
            5 $ kubectl apply -f a.yaml
            applied name: web $x
            6 $ kubectl apply -f - <<'EOF'
            applied name: $NAME
            9 $ cat <<-END | tr a-z A-Z
            X
            12 $ echo two >> a.yaml
            12 $ cat < a.yaml
            name: web $x
            two
            13 $ ls *.yaml
            a.yaml
            14 $ kubectl input <<< "$NAME"
            got "web\n"
            15 $ kubectl apply -f none.yaml → 1
            ! error: none.yaml: No such file or directory
        "#]],
    );
}

#[test]
fn redirections_keep_their_order() {
    check(
        "kubectl fail > out 2> err; cat out err\nkubectl fail > both 2>&1; cat both\nkubectl fail 2>&1 | grep -c .\nkubectl fail 2>/dev/null\nkubectl fail &> /dev/null || echo failed >&2\ncat < none && echo no\necho x > /none/y\n{ echo a; kubectl fail; } 2>&1 >/dev/null",
        expect![[r#"
            1 $ kubectl fail > out 2> err → 1
            1 $ cat out err
            half
            Error from server
            2 $ kubectl fail > both 2>&1 → 1
            2 $ cat both
            half
            Error from server
            3 $ kubectl fail 2>&1 | grep -c .
            2
            4 $ kubectl fail 2>/dev/null → 1
            half
            5? $ kubectl fail &> /dev/null → 1
            5 $ echo failed >&2
            ! failed
            6? $ cat < none → 1
            ! podground: none: No such file or directory
            7 $ echo x > /none/y → 1
            ! podground: /none/y: No such file or directory
            8 $ { echo a; kubectl fail; } 2>&1 >/dev/null → 1
            Error from server
        "#]],
    );
}

#[test]
fn control_flow() {
    check(
        r#"for i in 1 2 3 4; do
  if [ $i -eq 2 ]; then continue; elif [ $i = 4 ]; then break; else echo "i $i"; fi
done
n=0
until [ $n -ge 2 ]; do n=$((n + 1)); done
! false
case web-1 in db-*) echo db;; web-?|x) echo web $n;; esac
for x in a b; do echo $x; done | sort -r
(cd /tmp; X=1; pwd); pwd; echo "[$X]"
if false; then echo no; fi; echo $?
kubectl fail | true; echo $?; set -o pipefail; kubectl fail | true; echo $?"#,
        expect![[r#"
            2? $ [ $i -eq 2 ] → 1
            2? $ [ $i = 4 ] → 1
            2 $ echo "i $i"
            i 1
            2? $ [ $i -eq 2 ]
            2? $ [ $i -eq 2 ] → 1
            2? $ [ $i = 4 ] → 1
            2 $ echo "i $i"
            i 3
            2? $ [ $i -eq 2 ] → 1
            2? $ [ $i = 4 ]
            4 $ n=0
            5? $ [ $n -ge 2 ] → 1
            5 $ n=$((n + 1))
            5? $ [ $n -ge 2 ] → 1
            5 $ n=$((n + 1))
            5? $ [ $n -ge 2 ]
            6? $ ! false
            7 $ echo web $n
            web 2
            8 $ for x in a b; do echo $x; done | sort -r
            b
            a
            9 $ cd /tmp
            9 $ X=1
            9 $ pwd
            /tmp
            9 $ pwd
            /home/podground
            9 $ echo "[$X]"
            []
            10? $ false → 1
            10 $ echo $?
            0
            11 $ kubectl fail | true
            ! Error from server
            11 $ echo $?
            0
            11 $ set -o pipefail
            11 $ kubectl fail | true → 1
            ! Error from server
            11 $ echo $?
            1
        "#]],
    );
}

#[test]
fn waiting_takes_virtual_time() {
    check(
        "sleep 1.5m\nkubectl wait 40000\ntimeout 50 kubectl tick\ntimeout 1m sleep 10\nX=$(kubectl wait 1000); echo $X\nkubectl tick 2>/dev/null | tail -1\ndate +%T",
        expect![[r#"
            1 $ sleep 1.5m @90000
            2 $ kubectl wait 40000 @130000
            waiting
            met
            3 $ timeout 50 kubectl tick → 124 @180000
            tick 150
            tick 170
            4 $ timeout 1m sleep 10 @190000
            5 $ X=$(kubectl wait 1000) @191000
            5 $ echo $X @191000
            waiting met
            6 $ kubectl tick 2>/dev/null | tail -1 @3791000
            tick 3791
            7 $ date +%T @3791000
            01:03:11
        "#]],
    );
}

#[test]
fn nothing_goes_on_for_ever() {
    check(
        "kubectl tick | wc -l\nwhile true; do sleep 30m; done\necho next",
        expect![[r#"
            1 $ kubectl tick | wc -l @3600000
            180
            ! podground: kubectl: still waiting after 1h0m0s of virtual time: stopped
            2? $ true @3600000
            2 $ sleep 30m @5400000
            2? $ true @5400000
            2 $ sleep 30m @7200000
            2 $ while true; do sleep 30m; done → 1 @7200000
            ! podground: this loop was stopped after 1 h of virtual time
            3 $ echo next @7200000
            next
        "#]],
    );
    check(
        "(while :; do X=x$X; done) 2>&1 | tail -n 1; for i in $(seq 100000); do for j in $(seq 100000); do :; done; done > /dev/null; echo never",
        expect![[r#"
            1 $ (while :; do X=x$X; done) 2>&1 | tail -n 1
            podground: this loop was stopped after 10000 rounds
            1 $ for i in $(seq 100000); do for j in $(seq 100000); do :; done; done > /dev/null → 1
            ! podground: the script does too much: it was stopped
            exit 1
        "#]],
    );
    check(
        "X=0123456789abcdef; while :; do X=$X$X$X$X$X$X$X$X; done",
        expect![[r#"
            1 $ X=0123456789abcdef
            1? $ :
            1 $ X=$X$X$X$X$X$X$X$X
            1? $ :
            1 $ X=$X$X$X$X$X$X$X$X
            1? $ :
            1 $ X=$X$X$X$X$X$X$X$X
            1? $ :
            1 $ X=$X$X$X$X$X$X$X$X
            1? $ :
            1 $ X=$X$X$X$X$X$X$X$X
            1? $ :
            1 $ X=$X$X$X$X$X$X$X$X
            1? $ :
            1 $ X=$X$X$X$X$X$X$X$X
            1? $ :
            1 $ X=$X$X$X$X$X$X$X$X → 1
            ! podground: a command is longer than 64 MiB
            exit 1
        "#]],
    );
}

#[test]
fn a_script_can_stop_itself() {
    check(
        "echo a; (exit 3); echo $?; x=$(echo in; exit 4); echo $? $x; exit 5; echo never",
        expect![[r#"
        1 $ echo a
        a
        1 $ exit 3 → 3
        1 $ echo $?
        3
        1 $ x=$(echo in; exit 4) → 4
        1 $ echo $? $x
        4 in
        1 $ exit 5 → 5
        exit 5
    "#]],
    );
    check(
        "set -eu\nfalse || true\nif false; then :; fi\nkubectl fail\necho never",
        expect![[r#"
        1 $ set -eu
        2? $ false → 1
        2 $ true
        3? $ false → 1
        4 $ kubectl fail → 1
        half
        ! Error from server
        exit 1
    "#]],
    );
    check(
        "set -u; echo $NONE; echo never",
        expect![[r#"
        1 $ set -u
        1 $ echo $NONE → 1
        ! podground: NONE: unbound variable
        exit 1
    "#]],
    );
    check(
        "for i in ${NS:?say which namespace}; do :; done",
        expect![[r#"
        1 $ for i in ${NS:?say which namespace}; do :; done → 1
        ! podground: NS: say which namespace
        exit 1
    "#]],
    );
}

#[test]
fn unknown_commands_and_aliases() {
    check(
        "helm install x\nalias kg='kubectl show get'; kg pods\necho 'a b' c | xargs -n1 k show\nprintf 'web-0\\nweb-1\\n' | xargs -I{} kubectl show pod/{} -n x\necho x | xargs kubectl nope\necho | timeout 5 xargs -r kubectl fail",
        expect![[r#"
        1 $ helm install x → 127
        ! podground: helm: not available here (try: help)
        2 $ alias kg='kubectl show get'
        2 $ kg pods
        ["get", "pods"]
        3 $ echo 'a b' c | xargs -n1 k show
        ["a"]
        ["b"]
        ["c"]
        4 $ printf 'web-0\nweb-1\n' | xargs -I{} kubectl show pod/{} -n x
        ["pod/web-0", "-n", "x"]
        ["pod/web-1", "-n", "x"]
        5 $ echo x | xargs kubectl nope → 127
        ! podground: kubectl: not available here (try: help)
        6 $ echo | timeout 5 xargs -r kubectl fail
    "#]],
    );
}

#[test]
fn a_shell_stays_open_from_script_to_script() {
    let mut machine = Machine::new(Files::new());
    let mut host = TestHost::default();
    play(&mut machine, &mut host, "X=1; echo text > file; cd /tmp; false");
    assert_eq!(machine.status(), 1);
    expect![[r#"
        1 $ echo $? $X $PWD
        1 1 /tmp
        1 $ cat ~/file
        text
    "#]]
    .assert_eq(&play(&mut machine, &mut host, "echo $? $X $PWD; cat ~/file"));
    assert!(machine.is_idle());
}

#[test]
fn a_clone_goes_on_as_the_original_would() {
    let script = "for i in 1 2; do echo $i $(kubectl wait 5000); done | sort; sleep 5";
    let mut host = TestHost { step_ms: 700, ..TestHost::default() };
    let mut machine = Machine::new(Files::new());
    machine.load(script, 1).unwrap();
    let mut progress = Vec::new();
    loop {
        let (mut machine_copy, mut host_copy) = (machine.clone(), host.clone());
        let next = machine.step(&mut host);
        assert_eq!(next, machine_copy.step(&mut host_copy));
        if let Progress::Waiting { .. } = next {
            host.now_ms += 700;
        }
        progress.push(next.clone());
        if let Progress::Finished { .. } = next {
            break;
        }
    }
    assert!(progress.len() > 20);
}

#[test]
fn an_interrupt_ends_the_script() {
    let mut host = TestHost::default();
    let mut machine = Machine::new(Files::new());
    machine.load("echo $(kubectl tick); echo never", 1).unwrap();
    assert!(matches!(machine.step(&mut host), Progress::Waiting { until_ms: MAX_WAIT_MS, only_time: false }));
    machine.interrupt(7);
    assert!(matches!(machine.step(&mut host), Progress::Ran(CommandResult { exit_code: 130, time_ms: 7, .. })));
    assert_eq!(machine.step(&mut host), Progress::Finished { exit_code: 130, by_exit: true });
}

#[test]
fn what_cannot_be_read_is_said_clearly() {
    let refused = [
        "echo a\nkubectl proxy &",
        "f() { echo; }",
        "function f { echo; }",
        "for i in 1 2; do\n  echo $i\n",
        "if true; then echo; done",
        "echo 'open\n",
        "cat <<EOF\nx\n",
        "kubectl get pod <pod-name>",
        "diff <(a) <(b)",
        "a | | b",
        "a=(1 2)",
        "break",
        "echo ${X%.yaml}",
        "echo )",
        "a &&",
        &"(".repeat(2000),
        &"$(".repeat(2000),
    ];
    let said = refused.iter().map(|script| match Machine::<TestJob>::new(Files::new()).load(script, 1) {
        Ok(()) => format!("{script} can be read\n"),
        Err(error) => format!("{error}{}\n", if error.incomplete { " …" } else { "" }),
    });
    expect![[r#"
        line 2: `&` (running in the background) is not available here: commands run one after the other
        line 1: functions are not available here: write the commands out, or a `for` loop
        line 1: functions are not available here: write the commands out, or a `for` loop
        line 1: `for` lacks its `done` …
        line 1: `if` lacks its `fi`
        line 1: a `'` is never closed …
        line 1: the here-document lacks its last line `EOF` …
        line 1: <pod-name> is a placeholder: put a value in its place
        line 1: `<(…)` is not available here: use a pipe
        line 1: a command is missing before `|`
        line 1: arrays are not available here: write the words after `for NAME in`
        line 1: `break` is not inside of a loop (a pipe, `( … )` or `$( … )` counts as a script of its own)
        line 1: this form of `${X…}` is not available here: there are ${X}, ${X:-x}, ${X:=x}, ${X:+x}, ${X:?x} and ${#X}
        line 1: unexpected `)`
        line 1: a command is missing here …
        line 1: `((…))` as a command is not available here: write `NAME=$((…))` or `test`
        line 1: commands are nested too deeply
    "#]]
    .assert_eq(&said.collect::<String>());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_read_and_run_to_an_end(
        text in "([a-z0-9 \n'\"$`\\\\(){}\\[\\]<>|&;!=#*?:~-]|if |then |fi|for |in |do |done|while |case |esac|true|echo |cat |EOF|<<|k |sed |sort |printf |\\$\\(\\(){0,60}"
    ) {
        let mut host = TestHost::default();
        play(&mut Machine::new(Files::new()), &mut host, &text);
    }

    #[test]
    fn any_unicode_is_no_panic(text in "\\PC{0,40}") {
        let mut host = TestHost::default();
        play(&mut Machine::new(Files::new()), &mut host, &format!("echo {text}\n{text}"));
    }
}
