//! What the machine's tests do not see: the text of commands and the lines they start on.

use expect_test::expect;

use super::*;

fn commands(text: &str) -> String {
    let script = parse(text, 1).unwrap();
    let lines = script.list.iter().map(|item| format!("{}: {}\n", item.first.line, item.first.text));
    lines.collect()
}

#[test]
fn commands_know_their_line_and_their_text() {
    expect![[r#"
        3: kubectl get pods -l app=web
        6: cat <<A
        10: kubectl patch x -p '{
          "a": 1
        }'
        13: for i in 1 2; do
          echo $i
        done
    "#]]
    .assert_eq(&commands(
        "#!/bin/bash\r\n\r\nkubectl get \\\r\n   pods -l \\\n app=web # all\n  cat <<A && cat <<B\na\nA\nB\nkubectl patch x -p '{\n  \"a\": 1\n}'\nfor i in 1 2; do\n  echo $i\ndone",
    ));
}
