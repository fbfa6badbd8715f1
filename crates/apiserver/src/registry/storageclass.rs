//! StorageClasses. Models: pkg/apis/storage/v1/defaults.go, pkg/apis/storage/validation.

use super::check::{Causes, Path};
use super::{meta, names};
use api::{StorageClass, Wire};

/// The most parameters of a class, and the most bytes of them.
const PARAMETERS: usize = 512;
const PARAMETERS_SIZE: usize = 256 << 10;

pub(super) fn default(class: &mut StorageClass) {
    if class.reclaim_policy.is_empty() {
        class.reclaim_policy = "Delete".into();
    }
    if class.volume_binding_mode.is_empty() {
        class.volume_binding_mode = "Immediate".into();
    }
}

pub(super) fn validate(class: &StorageClass, causes: &mut Causes) {
    let at = Path::root("provisioner");
    if class.provisioner.is_empty() {
        causes.required(&at, "");
    } else {
        meta::name(&class.provisioner.to_lowercase(), &at, names::qualified_name, causes);
    }
    let at = Path::root("parameters");
    if class.parameters.len() > PARAMETERS {
        causes.too_long(&at, PARAMETERS);
    } else if class.parameters.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() > PARAMETERS_SIZE {
        causes.too_long(&at, PARAMETERS_SIZE);
    }
    causes.one_of(&Path::root("reclaimPolicy"), &class.reclaim_policy, &["Delete", "Retain"]);
    let modes = ["Immediate", "WaitForFirstConsumer"];
    causes.one_of(&Path::root("volumeBindingMode"), &class.volume_binding_mode, &modes);
}

pub(super) fn validate_update(new: &StorageClass, old: &StorageClass, causes: &mut Causes) {
    if new.parameters != old.parameters {
        let shown = if new.parameters.is_empty() { serde_json::Value::Null } else { new.parameters.write() };
        causes.invalid(&Path::root("parameters"), shown, "field is immutable");
    }
    causes.immutable(&Path::root("provisioner"), &new.provisioner, &old.provisioner);
    causes.immutable(&Path::root("reclaimPolicy"), &new.reclaim_policy, &old.reclaim_policy);
    causes.immutable(&Path::root("volumeBindingMode"), &new.volume_binding_mode, &old.volume_binding_mode);
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{merged, refused, refused_update};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn class(fields: Value) -> Value {
        let sound = json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast"},
            "provisioner": "example.com/disk"});
        merged(sound, fields)
    }

    #[test]
    fn classes() {
        refused(
            class(json!({"provisioner": ""})),
            expect![[r#"StorageClass.storage.k8s.io "fast" is invalid: provisioner: Required value"#]],
        );
        refused(
            class(json!({"reclaimPolicy": "Recycle", "volumeBindingMode": "Late"})),
            expect![[r#"
            reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"
            volumeBindingMode: Unsupported value: "Late": supported values: "Immediate", "WaitForFirstConsumer""#]],
        );
        refused_update(
            class(json!({})),
            json!({"provisioner": "other", "parameters": {"a": "b"}}),
            expect![[r#"
            parameters: Invalid value: {"a":"b"}: field is immutable
            provisioner: Invalid value: "other": field is immutable"#]],
        );
        refused_update(class(json!({})), json!({"allowVolumeExpansion": true}), expect!["accepted"]);
    }
}
