//! NodeVolumeLimits: would reject nodes to which no more volumes can be attached. No driver of the simulation reports
//! a limit (that is what CSINode objects are for upstream), so every node passes.
//! Models: pkg/scheduler/framework/plugins/nodevolumelimits.

use super::{Plugin, PreFilter, Verdict};

pub(super) const PLUGIN: Plugin = Plugin {
    pre_filter: Some(|_, _, _| PreFilter::Skip),
    filter: Some(|_, _, _| Verdict::Pass),
    ..Plugin::named("NodeVolumeLimits")
};
