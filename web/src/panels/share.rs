//! The share dialog: everything that a session can be taken away as, and the place to open one.

use std::rc::Rc;

use view::Text;
use yew::{Callback, Event, Html, Properties, component, html};

use super::on;
use crate::app_state::{Action, Notice};
use crate::intent::Intent;
use crate::share::{ShareTexts, download, qr_path, remark};
use crate::time::{TimeAction, TimeDeed};

/// What the dialog shows.
#[derive(PartialEq, Properties)]
pub struct ShareProps {
    /// The texts.
    pub texts: Rc<ShareTexts>,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The dialog.
#[component]
pub fn Share(props: &ShareProps) -> Html {
    let ShareProps { texts, emit } = props;
    let copies: [(&str, &str, &Text); 6] = [
        ("link", "Link", &texts.link),
        ("markdown", "Markdown", &texts.markdown),
        ("embed", "Embed snippet", &texts.embed),
        ("commands", "Commands", &texts.commands),
        ("transcript", "Transcript", &texts.transcript),
        ("picture", "Picture as SVG text", &texts.picture),
    ];
    let files: [(&str, &str, &str, &str, &Text); 4] = [
        ("save", "Save session", "podground-session.json", "application/json", &texts.saved),
        ("kind", "Script for kind", "podground-kind.sh", "text/x-shellscript", &texts.kind),
        ("kwok", "Script for kwok", "podground-kwok.sh", "text/x-shellscript", &texts.kwok),
        ("svg", "Picture (SVG)", "podground.svg", "image/svg+xml", &texts.picture),
    ];
    html! {
        <section class="drawer share" role="dialog" aria-label="Share" data-share="">
            <div class="drawer-head">
                <h2>{ "Share this session" }</h2>
                <button type="button" class="bare" aria-label="Close" onclick={on(emit, TimeAction::Shared(None))}>{ "×" }</button>
            </div>
            <label>{ "Link" }<input type="text" readonly=true data-link="" value={texts.link.to_string()} /></label>
            <p class="note">{ remark(&texts.link) }</p>
            <div class="share-row" role="group" aria-label="Copy as">
                <span>{ "Copy as" }</span>
                { for copies.into_iter().map(|(name, title, text)| html! {
                    <button type="button" data-copy={name} onclick={on(emit, Intent::Copy(text.clone()))}>{ title }</button>
                }) }
            </div>
            <div class="share-row" role="group" aria-label="Download">
                <span>{ "Download" }</span>
                { for files.into_iter().map(|(name, title, file, media_type, text)| html! {
                    <a class="button" data-download={name} href={download(media_type, text)} download={file}>{ title }</a>
                }) }
            </div>
            <label class="share-row">{ "Open a saved session or a manifest (or drop it on the page)" }
                <input type="file" accept=".json,.yaml,.yml" data-open-file="" onchange={opened(emit)} />
            </label>
            if let Some((width, modules)) = &texts.qr {
                <svg class="qr" role="img" aria-label="QR code of the link" viewBox={format!("0 0 {0} {0}", width + 8)}>
                    <path d={qr_path(*width, modules)} />
                </svg>
            } else {
                <p class="note">{ "The link is too long for a QR code." }</p>
            }
        </section>
    }
}

/// Reads the file that was chosen, then tells of it.
fn opened(emit: &Callback<Intent>) -> Callback<Event> {
    use wasm_bindgen::JsCast;
    let emit = emit.clone();
    Callback::from(move |event: Event| {
        let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(file) = input.and_then(|input| input.files()?.get(0)) {
            read(&file, &emit);
        }
    })
}

/// Reads a file of the person's machine, then tells of it.
pub fn read(file: &web_sys::File, emit: &Callback<Intent>) {
    let (name, text, emit) = (file.name(), file.text(), emit.clone());
    wasm_bindgen_futures::spawn_local(async move {
        let text = wasm_bindgen_futures::JsFuture::from(text).await.ok().and_then(|text| text.as_string());
        emit.emit(TimeDeed::Opened(name.into(), text.unwrap_or_default().into()).into());
    });
}

/// Asks for a manifest, or for a gist with manifests, then tells of it.
pub fn fetch(address: &str, emit: &Callback<Intent>) {
    let (address, emit) = (address.to_owned(), emit.clone());
    wasm_bindgen_futures::spawn_local(async move {
        let told = match asked(&address).await {
            Some(text) => manifest_of(&address, &text),
            None => Err(format!("{address} did not answer, or does not let other pages read it.")),
        };
        emit.emit(match told {
            Ok((name, text)) => TimeDeed::Opened(name.into(), text.into()).into(),
            Err(text) => Action::Notified(Some(Notice { is_bad: true, text: text.into(), button: None })).into(),
        });
    });
}

async fn asked(address: &str) -> Option<String> {
    use wasm_bindgen::JsCast;
    let promise = gloo::utils::window().fetch_with_str(address);
    let response: web_sys::Response = wasm_bindgen_futures::JsFuture::from(promise).await.ok()?.dyn_into().ok()?;
    let text = response.ok().then(|| response.text().ok())??;
    wasm_bindgen_futures::JsFuture::from(text).await.ok()?.as_string()
}

/// The name and the text of a manifest in an answer; of a gist, the file after the `#`, or its first manifest.
fn manifest_of(address: &str, text: &str) -> Result<(String, String), String> {
    let (bare, wanted) = address.split_once('#').unwrap_or((address, ""));
    if !bare.starts_with("https://api.github.com/gists/") {
        let name = bare.split('?').next().and_then(|path| path.rsplit('/').next()).filter(|name| !name.is_empty());
        return Ok((name.unwrap_or("manifest.yaml").to_owned(), text.to_owned()));
    }
    let gist: serde_json::Value = serde_json::from_str(text).map_err(|_| format!("{bare} answered with no gist."))?;
    let files = gist["files"].as_object().into_iter().flatten();
    let is_meant =
        |name: &str| if wanted.is_empty() { name.ends_with(".yaml") || name.ends_with(".yml") } else { name == wanted };
    let found = files.into_iter().find(|(name, _)| is_meant(name));
    let file = found.and_then(|(name, file)| Some((name.clone(), file["content"].as_str()?.to_owned())));
    file.ok_or_else(|| format!("There is no such manifest in the gist at {bare}."))
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use expect_test::expect;
    use yew::Callback;

    use super::{Share, ShareProps};
    use crate::share::{ShareTexts, qr};
    use crate::testing::words;

    #[test]
    fn a_gist_is_looked_through_for_manifests() {
        let gist =
            r#"{"files":{"a.md":{"content":"x"},"b.yaml":{"content":"kind: Pod"},"c.yaml":{"content":"kind: Job"}}}"#;
        let of =
            |address: &str, text: &str| super::manifest_of(address, text).map(|(name, text)| format!("{name}: {text}"));
        let api = "https://api.github.com/gists/ab12";
        assert_eq!(of(api, gist).as_deref(), Ok("b.yaml: kind: Pod"));
        assert_eq!(of(&format!("{api}#c.yaml"), gist).as_deref(), Ok("c.yaml: kind: Job"));
        assert!(of(&format!("{api}#d.yaml"), gist).is_err());
        assert_eq!(of("https://example.org/web.yaml?raw=1", "kind: Pod").as_deref(), Ok("web.yaml: kind: Pod"));
    }

    #[test]
    fn a_session_can_be_taken_away_as_many_things() {
        let link = "https://example.org/#s=df1:abc&v=1";
        let texts = ShareTexts { link: link.into(), qr: qr(link), ..ShareTexts::default() };
        expect![[r#"
            Share this session
            ×
            Link
            The link has 34 characters. What is in it never reaches a server.
            Copy as
            Link
            Markdown
            Embed snippet
            Commands
            Transcript
            Picture as SVG text
            Download
            Save session
            Script for kind
            Script for kwok
            Picture (SVG)
            Open a saved session or a manifest (or drop it on the page)"#]]
        .assert_eq(&words::<Share>(ShareProps { texts: Rc::new(texts), emit: Callback::noop() }));
    }
}
