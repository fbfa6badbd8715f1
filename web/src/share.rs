//! What a session can be taken away as: a link, texts for other places, files, scripts, a picture.

use std::fmt::Write as _;

use std::rc::Rc;

use view::{Snapshot, Text, TileState};

use crate::driver::Driver;
use crate::files::Files;

/// Everything that the share dialog offers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ShareTexts {
    /// The link.
    pub link: Text,
    /// The link with a title, for Markdown.
    pub markdown: Text,
    /// The element for other pages.
    pub embed: Text,
    /// The commands.
    pub commands: Text,
    /// The console.
    pub transcript: Text,
    /// The session as a file.
    pub saved: Text,
    /// A script for kind.
    pub kind: Text,
    /// A script for kwok.
    pub kwok: Text,
    /// The cluster as an SVG picture.
    pub picture: Text,
    /// The link as the modules of a QR code: its width, and one character a module; nothing if it is too long for one.
    pub qr: Option<(usize, Text)>,
}

/// The most characters of a link that chats leave alone.
pub const CHAT_LIMIT: usize = 2_000;

/// The most characters of a link that anybody should have to carry.
pub const LINK_LIMIT: usize = 8_000;

/// Everything about the session behind this link.
pub fn texts(driver: &Driver, files: &Files, snapshot: &Snapshot, link: &str) -> Rc<ShareTexts> {
    let files = files.to_texts();
    let texts = driver.with(|session| session.texts(&files));
    let sentence: String = snapshot.status.segments.iter().map(view::Segment::text).collect();
    let embed = link.replacen('#', "embed/#", 1);
    Rc::new(ShareTexts {
        link: link.into(),
        markdown: format!("[{}]({link})", sentence.replace(['[', ']'], "").trim()).into(),
        embed: format!(
            "<iframe title=\"podground\" loading=\"lazy\" width=\"100%\" height=\"420\" src=\"{embed}\"></iframe>"
        )
        .into(),
        picture: picture(snapshot).into(),
        qr: qr(link),
        ..texts
    })
}

/// What is to be known about the length of a link.
pub fn remark(link: &str) -> String {
    match link.len() {
        length if length > LINK_LIMIT => {
            format!("The link has {length} characters: better send the file (Save session).")
        }
        length if length > CHAT_LIMIT => format!("The link has {length} characters: too long for some chats."),
        length => format!("The link has {length} characters. What is in it never reaches a server."),
    }
}

/// The modules of a QR code.
pub fn qr(link: &str) -> Option<(usize, Text)> {
    let code = qrcodegen::QrCode::encode_text(link, qrcodegen::QrCodeEcc::Low).ok()?;
    let size = code.size();
    let modules = (0..size).flat_map(|y| (0..size).map(move |x| (x, y)));
    let text: String = modules.map(|(x, y)| if code.get_module(x, y) { '#' } else { ' ' }).collect();
    Some((usize::try_from(size).ok()?, text.into()))
}

/// The dark modules as one SVG path.
pub fn qr_path(width: usize, modules: &str) -> String {
    let mut path = String::new();
    for (index, _) in modules.chars().enumerate().filter(|(_, module)| *module == '#') {
        write!(path, "M{} {}h1v1h-1z", index % width + 4, index / width + 4).unwrap_or_default();
    }
    path
}

/// A text as an address that a browser downloads.
pub fn download(media_type: &str, text: &str) -> String {
    let mut address = format!("data:{media_type};charset=utf-8,");
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => address.push(byte as char),
            other => write!(address, "%{other:02X}").unwrap_or_default(),
        }
    }
    address
}

/// Tiles in a row of a node's card.
const TILES: usize = 6;

/// The cluster as an SVG picture: nodes as cards, pods as tiles, each with its name and what it does.
pub fn picture(snapshot: &Snapshot) -> String {
    let mut body = String::new();
    let (card, tile) = (200, 28);
    let mut tallest = 0;
    for (index, node) in snapshot.nodes.iter().enumerate() {
        let (x, pods) = (16 + index * (card + 12), &node.pods);
        let height = 46 + pods.len().div_ceil(TILES).max(1) * (tile + 3);
        tallest = tallest.max(height);
        write!(
            body,
            "<rect x='{x}' y='44' width='{card}' height='{height}' rx='8' fill='#fff' stroke='#9aa3b5'/>\
             <text x='{}' y='64' font-weight='600'>{}</text>",
            x + 10,
            escaped(&node.name)
        )
        .unwrap_or_default();
        for (place, pod) in pods.iter().enumerate() {
            let (px, py) = (x + 10 + place % TILES * (tile + 3), 76 + place / TILES * (tile + 3));
            let text = escaped(&pod.short.chars().take(4).collect::<String>());
            write!(
                body,
                "<g><title>{} {}</title><rect x='{px}' y='{py}' width='{tile}' height='{tile}' rx='5' fill='{}'/>\
                 <text x='{}' y='{}' font-size='9' fill='#fff' text-anchor='middle'>{text}</text></g>",
                escaped(&pod.key),
                escaped(&pod.status),
                colour(pod.state),
                px + tile / 2,
                py + tile / 2 + 3
            )
            .unwrap_or_default();
        }
    }
    let width = 20 + snapshot.nodes.len().max(2) * (card + 12);
    let sentence: String = snapshot.status.segments.iter().map(view::Segment::text).collect();
    let sentence = escaped(&sentence);
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{}' font-family='sans-serif' font-size='13'>\
         <rect width='100%' height='100%' fill='#f4f6fa'/><text x='16' y='28'>{} · {sentence}</text>{body}</svg>",
        tallest + 60,
        escaped(&snapshot.clock)
    )
}

fn colour(state: TileState) -> &'static str {
    match state {
        TileState::Ready => "#00805d",
        TileState::NotReady | TileState::Starting | TileState::Unscheduled => "#a15c00",
        TileState::Failing => "#c2410c",
        TileState::Completed => "#4a5568",
        TileState::Terminating | TileState::Unknown => "#6b7280",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{download, picture, qr, qr_path, remark};
    use crate::fixture;

    #[test]
    fn the_picture_names_every_node_and_pod() {
        let snapshot = fixture::snapshot();
        let picture = picture(&snapshot);
        assert!(snapshot.nodes.iter().all(|node| picture.contains(&*node.name)));
        assert!(picture.starts_with("<svg") && picture.matches("<g>").count() >= 6);
    }

    #[test]
    fn a_code_is_drawn_for_what_fits_into_one() {
        let (width, modules) = qr("https://example.org/#s=df1:abc&v=1").expect("it is short");
        assert_eq!(modules.len(), width * width);
        assert!(qr_path(width, &modules).starts_with("M4 4h1v1h-1z"));
        assert_eq!(qr(&"x".repeat(5_000)), None);
    }

    #[test]
    fn long_links_are_told_of_and_files_are_addresses() {
        assert!(remark(&"x".repeat(2_001)).contains("too long for some chats"));
        assert!(remark(&"x".repeat(8_001)).contains("send the file"));
        assert_eq!(download("text/plain", "a b\n"), "data:text/plain;charset=utf-8,a%20b%0A");
    }
}
