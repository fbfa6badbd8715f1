//! `kubectl set serviceaccount`. Models: kubectl/pkg/cmd/set/set_serviceaccount.go.

use super::{COMMON, Verb, each};
use crate::errors::CmdError;
use serde_json::json;

pub(super) const VERB: Verb = Verb {
    aliases: &["sa"],
    usage: "serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT",
    flags: COMMON,
    run: |call, args| {
        let Some((account, resources)) = args.words.split_last() else {
            return Err(CmdError::new("serviceaccount is required"));
        };
        let failing = "failed to patch ServiceAccountName ";
        each(call, args, resources, "serviceaccount updated", failing, |_, _, _| {
            Ok(json!({"serviceAccountName": account}))
        })
    },
    ..Verb::named("serviceaccount", "Update the service account of a resource")
};
