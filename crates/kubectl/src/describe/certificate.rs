//! CertificateSigningRequests, with the subject out of the request itself. Names beside the subject's are not shown.

use super::text::{Text, moment};
use crate::fields::{at, text as field};
use api::{Object, labels_text};

pub(super) fn request(text: &mut Text, object: &Object) -> bool {
    let (body, meta) = (object.write_body(), object.meta());
    text.field(0, "Name", &meta.name);
    text.field(0, "Labels", labels_text(&meta.labels));
    text.field(0, "Annotations", labels_text(&meta.annotations));
    text.field(0, "CreationTimestamp", moment(meta.creation_timestamp));
    text.field(0, "Requesting User", field(&body, "spec.username"));
    let signer = field(&body, "spec.signerName");
    if !signer.is_empty() {
        text.field(0, "Signer", signer);
    }
    if let Some(seconds) = at(&body, "spec.expirationSeconds").as_u64() {
        text.field(0, "Requested Duration", api::human_duration(sim::SimDuration::from_secs(seconds)));
    }
    text.field(0, "Status", crate::print::certificate_state(&body));
    let subject = subject(field(&body, "spec.request")).unwrap_or_default();
    let values = |number: u8| -> Vec<&str> {
        subject.iter().filter(|(of, _)| *of == number).map(|(_, value)| value.as_str()).collect()
    };
    text.line(0, "Subject:");
    text.line(0, format_args!("\tCommon Name:\t{}", values(3).last().unwrap_or(&"")));
    text.line(0, format_args!("\tSerial Number:\t{}", values(5).last().unwrap_or(&"")));
    let lists = [
        ("Organization", 10),
        ("Organizational Unit", 11),
        ("Country", 6),
        ("Locality", 7),
        ("Province", 8),
        ("StreetAddress", 9),
        ("PostalCode", 17),
    ];
    for (label, number) in lists {
        let found = values(number);
        if !found.is_empty() {
            text.line(0, format_args!("\t{label}:\t{}", found.join("\n\t\t")));
        }
    }
    true
}

/// The attributes of a request's subject, by the last number of their identifier (2.5.4.N).
fn subject(request: &str) -> Option<Vec<(u8, String)>> {
    let pem = String::from_utf8(crate::base64::decode(request)?).ok()?;
    let inner: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    let bytes = crate::base64::decode(&inner)?;
    let (_, request, _) = element(&bytes)?;
    let (_, info, _) = element(request)?;
    let (_, _, after_version) = element(info)?;
    let (_, mut names, _) = element(after_version)?;
    let mut found = Vec::new();
    while let Some((_, mut set, rest)) = element(names) {
        names = rest;
        while let Some((_, pair, rest)) = element(set) {
            set = rest;
            let (_, id, value) = element(pair)?;
            let (_, value, _) = element(value)?;
            if let [0x55, 0x04, number] = id {
                found.push((*number, String::from_utf8_lossy(value).into_owned()));
            }
        }
    }
    Some(found)
}

/// The first element of a DER text: its tag, its content, what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        let digits = rest.get(..count).filter(|_| count <= 4)?;
        (digits.iter().fold(0usize, |sum, digit| sum << 8 | usize::from(*digit)), &rest[count..])
    };
    Some((*tag, rest.get(..length)?, rest.get(length..)?))
}
