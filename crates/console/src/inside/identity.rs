//! Who and where a process is: `hostname`, `env`, `id`, `uname`, `df`.

use super::host::Room;
use crate::files::Files;
use crate::host::{Outcome, Started};
use crate::world::Job;

/// The size of the disk that machines have for containers.
const DISK_BYTES: i64 = 96 << 30;

pub(super) fn hostname(room: &mut Room<'_, '_>, argv: &[String], _: &mut Files) -> Started<Job> {
    let inside = room.inside;
    let text = match argv.get(1).map(String::as_str) {
        None => &inside.hostname,
        Some("-f" | "--fqdn" | "--long") => &inside.full_hostname,
        Some("-s" | "--short") => inside.hostname.split('.').next().unwrap_or(""),
        Some("-d" | "--domain") => inside.full_hostname.split_once('.').map_or("", |(_, domain)| domain),
        Some("-i" | "-I" | "--ip-address" | "--all-ip-addresses") => inside.address.as_str(),
        Some(_) => return Started::Done(Outcome::error(1, "hostname: you must be root to change the host name")),
    };
    Started::Done(Outcome::ok(format!("{text}\n")))
}

/// `env` and `printenv`.
pub(super) fn env(room: &mut Room<'_, '_>, argv: &[String], _: &mut Files) -> Started<Job> {
    let all = &room.inside.environment;
    let mut outcome = Outcome::default();
    if argv.len() == 1 {
        all.iter().for_each(|(name, value)| outcome.stdout.push_str(&format!("{name}={value}\n")));
        return Started::Done(outcome);
    }
    if argv[0] == "env" {
        return Started::Done(Outcome::error(125, "podground: env runs no command here: write NAME=value COMMAND"));
    }
    for wanted in &argv[1..] {
        match all.iter().rev().find(|(name, _)| **name == *wanted.as_str()) {
            Some((_, value)) => outcome.stdout.push_str(&format!("{value}\n")),
            None => outcome.exit_code = 1,
        }
    }
    Started::Done(outcome)
}

/// The user that the manifest asks for; 0 if it leaves that to the image.
fn user(room: &Room<'_, '_>) -> (u64, u64) {
    let pod = &room.inside.pod;
    let container =
        pod.spec.containers.iter().chain(&pod.spec.init_containers).find(|c| c.name == room.inside.container);
    let of = |field: &str| {
        let own = container.and_then(|c| c.rest.get("securityContext")).and_then(|context| context.get(field));
        own.or_else(|| pod.spec.rest.get("securityContext").and_then(|context| context.get(field)))
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(0)
    };
    (of("runAsUser"), of("runAsGroup"))
}

pub(super) fn id(room: &mut Room<'_, '_>, argv: &[String], _: &mut Files) -> Started<Job> {
    let (user, group) = user(room);
    let name = |id: u64| if id == 0 { "0(root)".to_owned() } else { id.to_string() };
    let text = match argv.get(1).map(String::as_str) {
        Some("-u") => user.to_string(),
        Some("-g") => group.to_string(),
        _ => format!("uid={} gid={} groups={}", name(user), name(group), name(group)),
    };
    Started::Done(Outcome::ok(format!("{text}\n")))
}

pub(super) fn whoami(room: &mut Room<'_, '_>, _: &[String], _: &mut Files) -> Started<Job> {
    match user(room) {
        (0, _) => Started::Done(Outcome::ok("root\n")),
        (id, _) => Started::Done(Outcome::error(1, format!("whoami: cannot find name for user ID {id}"))),
    }
}

pub(super) fn uname(room: &mut Room<'_, '_>, argv: &[String], _: &mut Files) -> Started<Job> {
    let host = &room.inside.hostname;
    let text = match argv.get(1).map(String::as_str) {
        None | Some("-s") => "Linux".to_owned(),
        Some("-n") => host.clone(),
        Some("-m") => "x86_64".to_owned(),
        Some("-r") => "6.12.0".to_owned(),
        Some("-a") => format!("Linux {host} 6.12.0 #1 SMP x86_64 GNU/Linux"),
        Some(other) => return Started::Done(Outcome::error(1, format!("uname: invalid option: {other}"))),
    };
    Started::Done(Outcome::ok(format!("{text}\n")))
}

pub(super) fn df(room: &mut Room<'_, '_>, argv: &[String], files: &mut Files) -> Started<Job> {
    let human = argv[1..].iter().any(|word| word.starts_with('-') && word.contains('h'));
    let wanted: Vec<&String> = argv[1..].iter().filter(|word| !word.starts_with('-')).collect();
    if let Some(missing) = wanted.iter().find(|path| !files.exists(path)) {
        return Started::Done(Outcome::error(1, format!("df: {missing}: No such file or directory")));
    }
    let mounts = &room.inside.mounts;
    let of = |path: &str| {
        let around = |mount: &str| mount == "/" || path == mount || path.starts_with(&format!("{mount}/"));
        mounts.iter().rposition(|mount| around(&mount.path)).unwrap_or(0)
    };
    let mut used = vec![0i64; mounts.len()];
    for (path, entry) in &room.inside.files {
        let bytes = entry.text.as_ref().map_or(0, |text| i64::try_from(text.len()).unwrap_or(0));
        used[of(path)] += (bytes + 1023) / 1024;
    }
    let chosen: Vec<usize> =
        if wanted.is_empty() { (0..mounts.len()).collect() } else { wanted.iter().map(|path| of(path)).collect() };
    let unit = |kilobytes: i64| if human { short(kilobytes) } else { kilobytes.to_string() };
    let mut text = format!(
        "{:<20} {:>10} {:>9} {:>9} {:>4} Mounted on\n",
        "Filesystem",
        if human { "Size" } else { "1K-blocks" },
        "Used",
        "Available",
        "Use%"
    );
    for index in chosen {
        let mount = &mounts[index];
        let size = mount.bytes.unwrap_or(DISK_BYTES) / 1024;
        let left = (size - used[index]).max(0);
        let share = (used[index] * 100 + size - 1).checked_div(size).unwrap_or(0);
        text.push_str(&format!(
            "{:<20} {:>10} {:>9} {:>9} {:>4} {}\n",
            mount.device,
            unit(size),
            unit(used[index]),
            unit(left),
            format!("{share}%"),
            mount.path
        ));
    }
    Started::Done(Outcome::ok(text))
}

/// `1.0G`, as `df -h` writes it.
fn short(kilobytes: i64) -> String {
    let mut amount = kilobytes * 10;
    for unit in ["K", "M", "G"] {
        if amount < 10_240 {
            return format!("{}.{}{unit}", amount / 10, amount % 10);
        }
        amount /= 1024;
    }
    format!("{}.{}T", amount / 10, amount % 10)
}
