//! `kubectl apply --server-side`: the server merges, and refuses what other managers hold. What was applied on the
//! client before is handed over. Models: kubectl/pkg/cmd/apply/apply.go (applyOneObject, saveLastApplyAnnotationIfNecessary,
//! migrateToSSAIfNecessary).

use super::How;
use crate::call::Call;
use crate::errors::CmdError;
use crate::targets::Item;
use crate::verbs::options::{LAST_APPLIED, admit_applied, tell_scope};
use crate::verbs::subresource::{Part, check};
use api::{Object, Status, StatusReason};
use apiserver::{Server, Writer};
use serde_json::{Value, json};

/// The manager that keeps the annotation of apply once the server applies.
const ANNOTATION_KEEPER: &str = "kubectl-last-applied";

const HELP: &str = "
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

/// Applies one object and answers with what it is then.
pub(super) fn apply(call: &mut Call<'_>, item: &Item, body: &Value, how: &How) -> Result<Object, CmdError> {
    let mut config = body.clone();
    check(item, how.part)?;
    admit_applied(call, item, &mut config, how.validation)?;
    let is_new = call.lister().object(&item.key).is_none();
    let applied = how.dry.ask(call, |server| match how.part {
        Part::Status => server.apply_config(item.key.kind, config.clone(), how.force_conflicts, true),
        Part::Whole | Part::Scale => apply_and_hand_over(server, item, &config, how.force_conflicts),
    });
    let object = applied.map_err(|status| match status.reason {
        StatusReason::Conflict => CmdError::new(format!("{}{HELP}", status.message)),
        _ => CmdError::from(status),
    })?;
    if is_new {
        tell_scope(call, &object, body);
    }
    Ok(object)
}

fn apply_and_hand_over(server: &mut Server, item: &Item, config: &Value, force: bool) -> Result<Object, Status> {
    let kind = item.key.kind;
    let mut object = server.apply_config(kind, config.clone(), force, false)?;
    let writer = server.writer().cloned();
    let manager = writer.as_ref().map(|writer| writer.manager.clone()).unwrap_or_default();
    let annotation = object.meta().annotations.get(LAST_APPLIED).cloned();
    if let Some(annotation) = annotation.filter(|_| manager == "kubectl" && !server.annotation_is_applied(&item.key)) {
        let only = json!({"apiVersion": config["apiVersion"], "kind": config["kind"], "metadata": {
            "name": item.key.name.as_str(), "namespace": item.key.namespace.as_str(),
            "annotations": {LAST_APPLIED: annotation.as_str()}}});
        server.set_writer(Some(Writer { manager: ANNOTATION_KEEPER.into(), subresource: "" }));
        // Not being able to keep it does not undo what was applied.
        if let Ok(kept) = server.apply_config(kind, only, false, false) {
            object = kept;
        }
        server.set_writer(writer);
    }
    if server.upgrade_managers(&item.key, &manager)? {
        object = server.apply_config(kind, config.clone(), force, false)?;
    }
    Ok(object)
}

#[cfg(test)]
mod tests {
    use crate::fixture::{WEB, World};
    use expect_test::expect;

    fn managers(world: &mut World) -> String {
        world.kubectl(
            "get sts web -o jsonpath='{range .metadata.managedFields[*]}{.manager} {.operation}{\"\\n\"}{end}'",
        )
    }

    #[test]
    fn conflicts_are_told_and_forced() {
        let mut world = World::new().file("web.yaml", WEB);
        expect![[r#"
            statefulset.apps/web serverside-applied
        "#]]
        .assert_eq(&world.kubectl("apply -f web.yaml --server-side --field-manager=a"));
        let mut world = world.file("web.yaml", &WEB.replace("replicas: 2", "replicas: 3"));
        expect![[r#"
            ! error: Apply failed with 1 conflict: conflict with "a": .spec.replicas
            ! Please review the fields above--they currently have other managers. Here
            ! are the ways you can resolve this warning:
            ! * If you intend to manage all of these fields, please re-run the apply
            !   command with the `--force-conflicts` flag.
            ! * If you do not intend to manage all of the fields, please edit your
            !   manifest to remove references to the fields that should keep their
            !   current managers.
            ! * You may co-own fields by updating your manifest to match the existing
            !   value; in this case, you'll become the manager if the other manager(s)
            !   stop managing the field (remove it from their configuration).
            ! See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("apply -f web.yaml --server-side"));
        expect![[r#"
            statefulset.apps/web serverside-applied
        "#]]
        .assert_eq(&world.kubectl("apply -f web.yaml --server-side --force-conflicts"));
        expect![[r#"
            a Apply
            kubectl Apply
            kube-controller-manager Update
        "#]]
        .assert_eq(&managers(&mut world));
    }

    #[test]
    fn what_was_applied_on_the_client_is_handed_over() {
        let mut world = World::new().file("web.yaml", WEB);
        world.kubectl("apply -f web.yaml");
        expect![[r#"
            kube-controller-manager Update
            kubectl-client-side-apply Update
        "#]]
        .assert_eq(&managers(&mut world));
        let mut world = world.file("web.yaml", &WEB.replace("  replicas: 2\n", ""));
        expect![[r#"
            statefulset.apps/web serverside-applied
        "#]]
        .assert_eq(&world.kubectl("apply -f web.yaml --server-side"));
        expect![[r#"
            kubectl Apply
            kubectl-last-applied Apply
            kube-controller-manager Update
        "#]]
        .assert_eq(&managers(&mut world));
        expect![["1"]].assert_eq(&world.kubectl("get sts web -o jsonpath={.spec.replicas}"));
    }

    #[test]
    fn unknown_fields_in_the_words_of_the_merge() {
        let mut world = World::new().file("u.yaml", &WEB.replace("replicas", "replicsa"));
        expect![[r#"
            ! Error from server: failed to create typed patch object (default/web; apps/v1, Kind=StatefulSet): .spec.replicsa: field not declared in schema
            ! hint: u.yaml:6:3: did you mean "replicas"?
            [exit 1]
        "#]].assert_eq(&world.kubectl("apply -f u.yaml --server-side"));
    }
}
