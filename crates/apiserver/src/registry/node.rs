//! Nodes. Models: pkg/registry/core/node/strategy.go.

use super::Part;
use api::Node;

pub(super) fn prepare_for_update(new: &mut Node, old: &Node, part: Part) {
    match part {
        Part::Spec => new.status = old.status.clone(),
        Part::Status => {
            new.spec = old.spec.clone();
            new.metadata = old.metadata.clone();
        }
    }
}
