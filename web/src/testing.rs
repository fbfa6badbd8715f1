//! Panels as text, for tests on the host.

use yew::{BaseComponent, LocalServerRenderer};

/// The markup of a panel, one element a line.
pub fn render<C: BaseComponent>(props: C::Properties) -> String {
    let markup = pollster::block_on(LocalServerRenderer::<C>::with_props(props).hydratable(false).render());
    markup.replace("><", ">\n<")
}

/// The words of a panel, without its markup.
pub fn words<C: BaseComponent>(props: C::Properties) -> String {
    let mut is_tag = false;
    let text: String = render::<C>(props)
        .chars()
        .filter(|character| {
            let was_tag = is_tag;
            is_tag = *character == '<' || is_tag && *character != '>';
            !(is_tag || was_tag && *character == '>')
        })
        .collect();
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
