//! Pages in the shapes that tutorials have.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn check(markdown: &str, expected: Expect) {
    let page = read(markdown);
    let mut text = String::new();
    for file in &page.files {
        let used = if file.used { "" } else { " (unused)" };
        text.push_str(&format!("file {}: {}{used} — {}\n", file.line, file.name, file.why_name));
    }
    for step in &page.steps {
        let end = step.not_run.as_ref().or(step.note.as_ref()).map_or(String::new(), |note| format!(" — {note}"));
        text.push_str(&format!("step {}: {}{end}\n", step.line, step.command));
    }
    for note in &page.notes {
        text.push_str(&format!("note {}: {}\n", note.line, note.text));
    }
    expected.assert_eq(&text);
}

fn object(kind: &str, name: &str) -> String {
    format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n")
}

#[test]
fn commands_name_the_blocks_by_their_words() {
    let service = object("Service", "web");
    let set = object("StatefulSet", "web");
    let agent = object("DaemonSet", "agent");
    check(
        &format!(
            "```yaml\n{service}```\n### Set\n```yaml\n{set}```\n**Commands:**\n```bash\nkubectl apply -f web-service.yaml\nkubectl apply -f web-statefulset.yaml\nkubectl get pods -l app=web\n```\n```yaml\n{agent}```\n```bash\nkubectl apply -f daemonset.yaml\n# On a big cluster\nkubectl apply -f none.yaml\n```\n```yaml\nreclaimPolicy: Delete\n```\n```yaml\n{set}```\n"
        ),
        expect![[r#"
            file 2: web-service.yaml — the command of line 16 means it by its words
            file 9: web-statefulset.yaml — the command of line 17 means it by its words
            file 21: daemonset.yaml — the command of line 27 means it by its words
            file 35: web-statefulset-2.yaml (unused) — no command names it; called after what it is
            step 16: kubectl apply -f web-service.yaml
            step 17: kubectl apply -f web-statefulset.yaml
            step 18: kubectl get pods -l app=web
            step 27: kubectl apply -f daemonset.yaml
            step 29: kubectl apply -f none.yaml
            note 29: no block of the page is none.yaml
            note 31: this block is no whole object (it has no `kind:`), so it is no file
            note 34: web-statefulset-2.yaml is not applied by any command of the page
        "#]],
    );
}

#[test]
fn the_page_says_the_names() {
    let pod = object("Pod", "a");
    check(
        &format!(
            "```yaml\n# one.yaml\n{pod}```\nApply: `kubectl apply -f one.yaml`\n\nVerify:  `kubectl get pods -o wide`.\n\nSave this as **two.yaml**:\n\n```yaml\n{pod}```\n\n```yml title=\"k8s/three.yml\"\n{pod}```\n\n```yaml\n{pod}```\n\nApply it with `kubectl create -f four.yaml` or so.\n\n```sh\nvi five.yaml\n```\n```\n{pod}```\nUse `kubectl get nodes` to look, and `kubectl get pods`.\n\n- `kubectl apply -f five.yaml,k8s/three.yml`\n"
        ),
        expect![[r#"
            file 2: one.yaml — its first comment says so
            file 15: two.yaml (unused) — line 12 names it
            file 22: k8s/three.yml — the fence of the block says so
            file 29: four.yaml (unused) — the command of line 35 names it
            file 41: five.yaml — line 38 opens it
            step 8: kubectl apply -f one.yaml
            step 10: kubectl get pods -o wide
            step 38: vi five.yaml
            step 48: kubectl apply -f five.yaml,k8s/three.yml
            note 14: two.yaml is not applied by any command of the page
            note 28: four.yaml is not applied by any command of the page
        "#]],
    );
}

#[test]
fn prompts_outputs_and_marks_are_no_commands() {
    check(
        "```console\n$ kubectl get pods\nNAME   READY\nweb-0  1/1\n$ cat <<EOF | kubectl apply -f -\n> kind: Pod\n> EOF\npod/x created\nuser@host:~/x$ kubectl get nodes\n```\n```bash\n# List\nkubectl get ds -A\na. kubectl describe ds x\n1. k get no\nkubectl apply \\\n  -f x.yaml\nNAME READY\nfor i in 1 2; do\n  echo $i\ndone\nhelm install x\n```\n```\n$ kubectl version\n```\n```\nkubectl top pods\n```\n```\n+---+\n| x |\n```\n```console\n# kubectl get pods\nNAME\n```\n```bash\nkubectl get pods 'open\necho next\n```\n```python\nkubectl = 1\n```\n",
        expect![[r#"
            step 2: kubectl get pods
            step 5: cat <<EOF | kubectl apply -f -
            kind: Pod
            EOF
            step 9: kubectl get nodes
            step 13: kubectl get ds -A
            step 14: kubectl describe ds x — left out `a.` before it
            step 15: k get no — left out `1.` before it
            step 16: kubectl apply \
              -f x.yaml
            step 19: for i in 1 2; do
              echo $i
            done
            step 22: helm install x
            step 25: kubectl version
            step 28: kubectl top pods
            step 35: kubectl get pods
            step 39: kubectl get pods 'open
            step 40: echo next
            note 1: 3 lines of the block taken for output
            note 11: 1 line of the block taken for output
            note 16: no block of the page is x.yaml
            note 34: 1 line of the block taken for output
        "#]],
    );
}

#[test]
fn placeholders_and_damage() {
    let set = "kind: StatefulSet\nmetadata:\n  name: db\n  namespace: data\nspec:\n  serviceName: â€œdbâ€\u{9d}\n";
    check(
        &format!(
            "\u{feff}# x\r\n```yaml\r\n{set}```\r\n```bash\r\nkubectl scale sts <name> –replicas=3 –n <namespace>\r\nkubectl\u{a0}get pod <pod-name>\r\nkubectl logs <image>\r\ncat <<EOF > <file>\r\nx\r\nEOF\r\n```\r\n```yaml\nkind: Pod\n"
        ),
        expect![[r#"
            file 3: db-statefulset.yaml (unused) — no command names it; called after what it is
            file 19: pod.yaml (unused) — no command names it; called after what it is
            step 11: kubectl scale sts db --replicas=3 -n data — <name> is db, <namespace> is data
            step 12: kubectl get pod <pod-name> — not run: placeholder <pod-name>
            step 13: kubectl logs <image> — not run: placeholder <image>
            step 14: cat <<EOF > <file>
            x
            EOF — not run: placeholder <file>
            note 2: db-statefulset.yaml is not applied by any command of the page
            note 2: repaired in the block: text in a wrong encoding, typographic quotes
            note 10: repaired in the block: blanks that are none, typographic dashes
            note 18: pod.yaml is not applied by any command of the page
            note 18: this block has no end: everything below was taken for a part of it
        "#]],
    );
}

#[test]
fn a_file_that_changes_is_written_again() {
    let markdown = "```yaml\n# a.yaml\nkind: Pod\n```\n```sh\nkubectl apply -f a.yaml\nls\n```\n```yaml\n# a.yaml\nkind: Job\n```\n```sh\nkubectl apply -f a.yaml\n```\n";
    let page = read(markdown);
    let before: Vec<Vec<u32>> =
        (0..page.steps.len()).map(|step| page.files_before(step).iter().map(|file| file.line).collect()).collect();
    assert_eq!(before, [vec![2], vec![], vec![10]]);
}

proptest! {
    #[test]
    fn any_page_is_read(
        text in "(```|~~~|yaml|bash|console|\\$ |kubectl |apply -f x.yaml|kind: Pod|<pod-name>|`|EOF|<<|[ \n#>*:-]|â€œ|\\PC){0,60}"
    ) {
        let page = read(&text);
        for step in 0..page.steps.len() {
            page.files_before(step);
        }
    }
}
