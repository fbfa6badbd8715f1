//! The tools as pipes use them: each case is a command, its input, and what it prints.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::builtins::{Context, find, names};
use crate::machine::Shell;

/// Each command with the same input; `$ ` shows it, its output follows.
fn check(stdin: &str, commands: &[&str], expected: Expect) {
    let shown = commands.iter().map(|command| format!("$ {command}\n{}\n", run(command, stdin).trim_end_matches('\n')));
    expected.assert_eq(&shown.collect::<String>());
}

fn run(command: &str, stdin: &str) -> String {
    // Words are divided by blanks, `_` stands for a blank within one.
    let words: Vec<String> = command.split(' ').map(|word| word.replace('_', " ")).collect();
    let mut shell = Shell::default();
    shell.files.write("a", "one\n").unwrap();
    shell.files.write("b", "two\n").unwrap();
    let mut context = Context { shell: &mut shell, stdin, wall_clock_ms: 0, host_commands: Vec::new() };
    let outcome = (find(&words[0]).unwrap().run)(&mut context, &words[1..]);
    let code = if outcome.exit_code == 0 { String::new() } else { format!("exit {}\n", outcome.exit_code) };
    format!("{}{}{code}", outcome.stdout, outcome.stderr)
}

const PODS: &str = "\
NAME    READY   STATUS    RESTARTS   AGE
web-0   1/1     Running   0          40s
web-1   0/1     Pending   0          2s
db-0    1/1     Running   12         5m
";

#[test]
fn grep() {
    check(
        PODS,
        &[
            "grep -v Running",
            "grep -c -i running",
            "grep -oE (web|db)-[0-9]+",
            "grep -n -B1 -A1 Pending",
            "grep -w web",
            "grep -q nothing",
            "grep -e ^db -e ^web-1",
        ],
        expect![[r#"
            $ grep -v Running
            NAME    READY   STATUS    RESTARTS   AGE
            web-1   0/1     Pending   0          2s
            $ grep -c -i running
            2
            $ grep -oE (web|db)-[0-9]+
            web-0
            web-1
            db-0
            $ grep -n -B1 -A1 Pending
            2-web-0   1/1     Running   0          40s
            3:web-1   0/1     Pending   0          2s
            4-db-0    1/1     Running   12         5m
            $ grep -w web
            web-0   1/1     Running   0          40s
            web-1   0/1     Pending   0          2s
            $ grep -q nothing
            exit 1
            $ grep -e ^db -e ^web-1
            web-1   0/1     Pending   0          2s
            db-0    1/1     Running   12         5m
        "#]],
    );
    check(
        "",
        &["grep o a b none", "grep o a b", "grep -E (", "grep --fancy x"],
        expect![[r#"
        $ grep o a b none
        grep: none: No such file or directory
        exit 2
        $ grep o a b
        a:one
        b:two
        $ grep -E (
        grep: `(` is no regular expression: found open group without closing ')'
        exit 2
        $ grep --fancy x
        grep: option '--fancy' is not available here
        exit 2
    "#]],
    );
}

#[test]
// tidy: long because it is one table of inputs and outputs
fn lines() {
    check(
        PODS,
        &["head -n 1", "tail -n +4", "tail -1", "wc -l"],
        expect![[r#"
        $ head -n 1
        NAME    READY   STATUS    RESTARTS   AGE
        $ tail -n +4
        db-0    1/1     Running   12         5m
        $ tail -1
        db-0    1/1     Running   12         5m
        $ wc -l
        4
    "#]],
    );
    check(
        "",
        &["head -2 a b", "head -n x", "wc -w a b"],
        expect![[r#"
        $ head -2 a b
        ==> a <==
        one

        ==> b <==
        two
        $ head -n x
        head: `x` is no number
        exit 1
        $ wc -w a b
        1 a
        1 b
        2 total
    "#]],
    );
    check(
        "αβγδε",
        &["head -c 4"],
        expect![[r#"
        $ head -c 4
        αβγδ
    "#]],
    );
    check(
        "a b\nc\n",
        &["wc"],
        expect![[r#"
        $ wc
              2       3       6
    "#]],
    );
    check(
        "a,b,c,d\nnone\n",
        &["cut -d, -f1,3-"],
        expect![[r#"
        $ cut -d, -f1,3-
        a,c,d
        none
    "#]],
    );
    check(
        "abcdef\n",
        &["cut -c -3"],
        expect![[r#"
        $ cut -c -3
        abc
    "#]],
    );
    check(
        "a",
        &["cut -f 0"],
        expect![[r#"
        $ cut -f 0
        cut: `0` is no list of positions (1,3-5)
        exit 1
    "#]],
    );
}

#[test]
fn sort_and_uniq() {
    check(
        PODS,
        &["sort -k4,4nr"],
        expect![[r#"
        $ sort -k4,4nr
        db-0    1/1     Running   12         5m
        NAME    READY   STATUS    RESTARTS   AGE
        web-0   1/1     Running   0          40s
        web-1   0/1     Pending   0          2s
    "#]],
    );
    check(
        "b\na\nb\n",
        &["sort -u"],
        expect![[r#"
        $ sort -u
        a
        b
    "#]],
    );
    check(
        "web-10\nweb-9\n",
        &["sort -V"],
        expect![[r#"
        $ sort -V
        web-9
        web-10
    "#]],
    );
    check(
        "a:2\nb:1\n",
        &["sort -t: -k2"],
        expect![[r#"
        $ sort -t: -k2
        b:1
        a:2
    "#]],
    );
    check(
        "9\n10\n1.5\n-1\n",
        &["sort -rn"],
        expect![[r#"
        $ sort -rn
        10
        9
        1.5
        -1
    "#]],
    );
    check(
        "a\na\nb\n",
        &["uniq -c", "uniq -d"],
        expect![[r#"
        $ uniq -c
              2 a
              1 b
        $ uniq -d
        a
    "#]],
    );
}

#[test]
fn sed() {
    check(
        "web-1 web-2\n",
        &["sed s/web-\\([0-9]\\)/<&|\\1>/g"],
        expect![[r#"
        $ sed s/web-\([0-9]\)/<&|\1>/g
        <web-1|1> <web-2|2>
    "#]],
    );
    check(
        "a b ab\nb\nc\n",
        &["sed -E -e s#(a|b)+#X#2 -e 2d"],
        expect![[r#"
        $ sed -E -e s#(a|b)+#X#2 -e 2d
        a X ab
        c
    "#]],
    );
    check(
        PODS,
        &["sed -n 2,/db/p;$="],
        expect![[r#"
        $ sed -n 2,/db/p;$=
        web-0   1/1     Running   0          40s
        web-1   0/1     Pending   0          2s
        db-0    1/1     Running   12         5m
        4
    "#]],
    );
    check(
        "x\n",
        &["sed 1i_first\na_\\after"],
        expect![[r#"
        $ sed 1i_first
        a_\after
        first
        x
        after
    "#]],
    );
    check(
        "x\ny",
        &["sed $!d"],
        expect![[r#"
        $ sed $!d
        y
    "#]],
    );
    check(
        "",
        &["sed s/O/0/I a", "sed -i s/o/0/ a", "sed y/a/b/", "sed s/a/b"],
        expect![[r#"
        $ sed s/O/0/I a
        0ne
        $ sed -i s/o/0/ a

        $ sed y/a/b/
        sed: the command `y` is not available here (there are s p d q = a i c)
        exit 1
        $ sed s/a/b
        sed: a `/` is missing
        exit 1
    "#]],
    );
}

#[test]
fn awk() {
    check(
        PODS,
        &["awk {print_$1}", "awk NR>1_&&_$3==\"Running\"_{print_$1\":\"$4,_$NF}"],
        expect![[r#"
        $ awk {print_$1}
        NAME
        web-0
        web-1
        db-0
        $ awk NR>1_&&_$3=="Running"_{print_$1":"$4,_$NF}
        web-0:0 40s
        db-0:12 5m
    "#]],
    );
    check(
        "a:1\nb:2\n",
        &["awk -F: !/a/", "awk -F: {print_$2}_END{print_NR}"],
        expect![[r#"
        $ awk -F: !/a/
        b:2
        $ awk -F: {print_$2}_END{print_NR}
        1
        2
        2
    "#]],
    );
    check(
        "1\n",
        &["awk {sum+=$1}"],
        expect![[r#"
        $ awk {sum+=$1}
        awk: only '[/RE/ or COMPARISON] {print …}' is available here; this is not: `sum+=$1}`
        exit 2
    "#]],
    );
}

#[test]
fn tr_and_base64() {
    check(
        "web-0\n",
        &["tr a-z A-Z"],
        expect![[r#"
        $ tr a-z A-Z
        WEB-0
    "#]],
    );
    check(
        "a\nb\n",
        &["tr -d \\n"],
        expect![[r#"
        $ tr -d \n
        ab
    "#]],
    );
    check(
        "a   b c\n",
        &["tr -s _ ,"],
        expect![[r#"
        $ tr -s _ ,
        a,b,c
    "#]],
    );
    check(
        "web-10\n",
        &["tr -cd 0-9\\n"],
        expect![[r#"
        $ tr -cd 0-9\n
        10
    "#]],
    );
    check(
        "supersecret",
        &["base64 -w0"],
        expect![[r#"
        $ base64 -w0
        c3VwZXJzZWNyZXQ=
    "#]],
    );
    check(
        "x",
        &["base64"],
        expect![[r#"
        $ base64
        eA==
    "#]],
    );
    check(
        "c3VwZXJz\nZWNyZXQ=\n",
        &["base64 -d"],
        expect![[r#"
        $ base64 -d
        supersecret
    "#]],
    );
    check(
        "!",
        &["base64 -d"],
        expect![[r#"
        $ base64 -d
        base64: invalid input
        exit 1
    "#]],
    );
}

#[test]
fn printing() {
    check(
        "",
        &[
            "printf %-6s|%03d|%x|%5.1f|%%\\n web 7 255 2.25",
            "printf %s=%s\\n a 1 b 2",
            "printf %d\\n x",
            "echo -n -e a\\tb\\n",
            "echo -x",
            "seq -w 8 2 12",
            "seq 3 1",
            "seq 3 -1 1",
            "seq 1 9999999999",
            "ls none a",
            "help seq",
        ],
        expect![[r#"
            $ printf %-6s|%03d|%x|%5.1f|%%\n web 7 255 2.25
            web   |007|ff|  2.2|%
            $ printf %s=%s\n a 1 b 2
            a=1
            b=2
            $ printf %d\n x
            0
            printf: `x` is no whole number
            exit 1
            $ echo -n -e a\tb\n
            a	b
            $ echo -x
            -x
            $ seq -w 8 2 12
            08
            10
            12
            $ seq 3 1

            $ seq 3 -1 1
            3
            2
            1
            $ seq 1 9999999999
            seq: more than 100000 numbers
            exit 1
            $ ls none a
            a
            ls: cannot access 'none': No such file or directory
            exit 2
            $ help seq
            seq  [-s SEPARATOR] [-w] [FIRST [STEP]] LAST: print numbers
        "#]],
    );
    check(
        "in\n",
        &["cat a - b"],
        expect![[r#"
        $ cat a - b
        one
        in
        two
    "#]],
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_arguments_are_no_panic(
        name in proptest::sample::select(names()),
        args in proptest::collection::vec("(-[a-zA-Z]{1,2}|-[a-z]?[0-9]{1,20}|[0-9]{1,20}|s/|/|[(\\[\\\\*+?{$^%&;!,.=<>\"'~-]|print|NR|a|b|\\PC){0,6}", 0..4),
        stdin in "([a-c0-9 .:\t\n-]|\\PC){0,20}",
    ) {
        let mut shell = Shell::default();
        shell.files.write("a", "one\ntwo").unwrap();
        let mut context = Context { shell: &mut shell, stdin: &stdin, wall_clock_ms: 0, host_commands: Vec::new() };
        (find(name).unwrap().run)(&mut context, &args);
    }
}
