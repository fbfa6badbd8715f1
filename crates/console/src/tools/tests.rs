//! The tools as pipes use them: each case is a command, its input, and what it prints.

use expect_test::{Expect, expect};

use crate::builtins::{Context, find};
use crate::machine::Shell;

fn check(command: &str, stdin: &str, expected: Expect) {
    expected.assert_eq(&run(command, stdin));
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
        "grep -v Running",
        PODS,
        expect![[r#"
        NAME    READY   STATUS    RESTARTS   AGE
        web-1   0/1     Pending   0          2s
    "#]],
    );
    check(
        "grep -c -i running",
        PODS,
        expect![[r#"
        2
    "#]],
    );
    check(
        "grep -oE (web|db)-[0-9]+",
        PODS,
        expect![[r#"
        web-0
        web-1
        db-0
    "#]],
    );
    check(
        "grep -n -B1 -A1 Pending",
        PODS,
        expect![[r#"
        2-web-0   1/1     Running   0          40s
        3:web-1   0/1     Pending   0          2s
        4-db-0    1/1     Running   12         5m
    "#]],
    );
    check(
        "grep -w web",
        PODS,
        expect![[r#"
        web-0   1/1     Running   0          40s
        web-1   0/1     Pending   0          2s
    "#]],
    );
    check(
        "grep -q nothing",
        PODS,
        expect![[r#"
        exit 1
    "#]],
    );
    check(
        "grep -e ^db -e ^web-1",
        PODS,
        expect![[r#"
        web-1   0/1     Pending   0          2s
        db-0    1/1     Running   12         5m
    "#]],
    );
    check(
        "grep o a b none",
        "",
        expect![[r#"
        grep: none: No such file or directory
        exit 2
    "#]],
    );
    check(
        "grep o a b",
        "",
        expect![[r#"
        a:one
        b:two
    "#]],
    );
    check(
        "grep -E (",
        "",
        expect![[r#"
        grep: `(` is no regular expression: found open group without closing ')'
        exit 2
    "#]],
    );
    check(
        "grep --fancy x",
        "",
        expect![[r#"
        grep: option '--fancy' is not available here
        exit 2
    "#]],
    );
}

#[test]
fn lines() {
    check(
        "head -n 1",
        PODS,
        expect![[r#"
        NAME    READY   STATUS    RESTARTS   AGE
    "#]],
    );
    check(
        "head -2 a b",
        "",
        expect![[r#"
        ==> a <==
        one

        ==> b <==
        two
    "#]],
    );
    check(
        "tail -n +4",
        PODS,
        expect![[r#"
        db-0    1/1     Running   12         5m
    "#]],
    );
    check(
        "tail -1",
        PODS,
        expect![[r#"
        db-0    1/1     Running   12         5m
    "#]],
    );
    check("head -c 4", "αβγδε", expect!["αβγδ"]);
    check(
        "head -n x",
        "",
        expect![[r#"
        head: `x` is no number
        exit 1
    "#]],
    );
    check(
        "wc -l",
        PODS,
        expect![[r#"
        4
    "#]],
    );
    assert_eq!(run("wc", "a b\nc\n"), "      2       3       6\n");
    check(
        "wc -w a b",
        "",
        expect![[r#"
        1 a
        1 b
        2 total
    "#]],
    );
    check(
        "cut -d, -f1,3-",
        "a,b,c,d\nnone\n",
        expect![[r#"
        a,c,d
        none
    "#]],
    );
    check(
        "cut -c -3",
        "abcdef\n",
        expect![[r#"
        abc
    "#]],
    );
    check(
        "cut -f 0",
        "a",
        expect![[r#"
        cut: `0` is no list of positions (1,3-5)
        exit 1
    "#]],
    );
}

#[test]
fn sort_and_uniq() {
    check(
        "sort -k4,4nr",
        PODS,
        expect![[r#"
        db-0    1/1     Running   12         5m
        NAME    READY   STATUS    RESTARTS   AGE
        web-0   1/1     Running   0          40s
        web-1   0/1     Pending   0          2s
    "#]],
    );
    check(
        "sort -u",
        "b\na\nb\n",
        expect![[r#"
        a
        b
    "#]],
    );
    check(
        "sort -V",
        "web-10\nweb-9\n",
        expect![[r#"
        web-9
        web-10
    "#]],
    );
    check(
        "sort -t: -k2",
        "a:2\nb:1\n",
        expect![[r#"
        b:1
        a:2
    "#]],
    );
    check(
        "sort -rn",
        "9\n10\n1.5\n-1\n",
        expect![[r#"
        10
        9
        1.5
        -1
    "#]],
    );
    assert_eq!(run("uniq -c", "a\na\nb\n"), "      2 a\n      1 b\n");
    check(
        "uniq -d",
        "a\na\nb\n",
        expect![[r#"
        a
    "#]],
    );
}

#[test]
fn sed() {
    check(
        "sed s/web-\\([0-9]\\)/<&|\\1>/g",
        "web-1 web-2\n",
        expect![[r#"
        <web-1|1> <web-2|2>
    "#]],
    );
    check(
        "sed -E -e s#(a|b)+#X#2 -e 2d",
        "a b ab\nb\nc\n",
        expect![[r#"
        a X ab
        c
    "#]],
    );
    check(
        "sed -n 2,/db/p;$=",
        PODS,
        expect![[r#"
        web-0   1/1     Running   0          40s
        web-1   0/1     Pending   0          2s
        db-0    1/1     Running   12         5m
        4
    "#]],
    );
    check(
        "sed 1i_first\na_\\after",
        "x\n",
        expect![[r#"
        first
        x
        after
    "#]],
    );
    check("sed $!d", "x\ny", expect!["y"]);
    check(
        "sed s/O/0/I a",
        "",
        expect![[r#"
        0ne
    "#]],
    );
    check("sed -i s/o/0/ a", "", expect![[""]]);
    check(
        "sed y/a/b/",
        "",
        expect![[r#"
        sed: the command `y` is not available here (there are s p d q = a i c)
        exit 1
    "#]],
    );
    check(
        "sed s/a/b",
        "",
        expect![[r#"
        sed: a `/` is missing
        exit 1
    "#]],
    );
}

#[test]
fn awk() {
    check(
        "awk {print_$1}",
        PODS,
        expect![[r#"
        NAME
        web-0
        web-1
        db-0
    "#]],
    );
    check(
        "awk NR>1_&&_$3==\"Running\"_{print_$1\":\"$4,_$NF}",
        PODS,
        expect![[r#"
        web-0:0 40s
        db-0:12 5m
    "#]],
    );
    check(
        "awk -F: !/a/",
        "a:1\nb:2\n",
        expect![[r#"
        b:2
    "#]],
    );
    check(
        "awk -F: {print_$2}_END{print_NR}",
        "a:1\nb:2\n",
        expect![[r#"
        1
        2
        2
    "#]],
    );
    check(
        "awk {sum+=$1}",
        "1\n",
        expect![[r#"
        awk: only '[/RE/ or COMPARISON] {print …}' is available here; this is not: `sum+=$1}`
        exit 2
    "#]],
    );
}

#[test]
fn tr_and_base64() {
    check(
        "tr a-z A-Z",
        "web-0\n",
        expect![[r#"
        WEB-0
    "#]],
    );
    check("tr -d \\n", "a\nb\n", expect!["ab"]);
    check(
        "tr -s _ ,",
        "a   b c\n",
        expect![[r#"
        a,b,c
    "#]],
    );
    check(
        "tr -cd 0-9\\n",
        "web-10\n",
        expect![[r#"
        10
    "#]],
    );
    check("base64 -w0", "supersecret", expect!["c3VwZXJzZWNyZXQ="]);
    check(
        "base64",
        "x",
        expect![[r#"
        eA==
    "#]],
    );
    check("base64 -d", "c3VwZXJz\nZWNyZXQ=\n", expect!["supersecret"]);
    check(
        "base64 -d",
        "!",
        expect![[r#"
        base64: invalid input
        exit 1
    "#]],
    );
}

#[test]
fn printing() {
    check(
        "printf %-6s|%03d|%x|%5.1f|%%\\n web 7 255 2.25",
        "",
        expect![[r#"
        web   |007|ff|  2.2|%
    "#]],
    );
    check(
        "printf %s=%s\\n a 1 b 2",
        "",
        expect![[r#"
        a=1
        b=2
    "#]],
    );
    check(
        "printf %d\\n x",
        "",
        expect![[r#"
        0
        printf: `x` is no whole number
        exit 1
    "#]],
    );
    check(
        "echo -n -e a\\tb\\n",
        "",
        expect![[r#"
        a	b
    "#]],
    );
    check(
        "echo -x",
        "",
        expect![[r#"
        -x
    "#]],
    );
    check(
        "seq -w 8 2 12",
        "",
        expect![[r#"
        08
        10
        12
    "#]],
    );
    check("seq 3 1", "", expect![[""]]);
    check(
        "seq 3 -1 1",
        "",
        expect![[r#"
        3
        2
        1
    "#]],
    );
    check(
        "seq 1 9999999999",
        "",
        expect![[r#"
        seq: more than 100000 numbers
        exit 1
    "#]],
    );
    check(
        "cat a - b",
        "in\n",
        expect![[r#"
        one
        in
        two
    "#]],
    );
    check(
        "ls none a",
        "",
        expect![[r#"
        a
        ls: cannot access 'none': No such file or directory
        exit 2
    "#]],
    );
    check(
        "help seq",
        "",
        expect![[r#"
        seq  [-s SEPARATOR] [-w] [FIRST [STEP]] LAST: print numbers
    "#]],
    );
}
