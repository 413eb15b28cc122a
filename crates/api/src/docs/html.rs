//! Texts of the description as HTML.

/// A text in which nothing is markup.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A text as it stands in the description: what is between backticks is code, and an empty line begins a paragraph.
pub(super) fn prose(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    each(paragraphs, |paragraph| format!("<p>{}</p>", inline(paragraph)))
}

/// The same within a line.
pub(super) fn inline(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    let shown = pieces.map(|(place, piece)| match place % 2 {
        0 => escaped(piece),
        _ => format!("<code>{}</code>", escaped(piece)),
    });
    shown.collect()
}

/// What is written of each of some things, after each other.
pub(super) fn each<T>(things: impl IntoIterator<Item = T>, write: impl Fn(T) -> String) -> String {
    things.into_iter().map(write).collect::<Vec<_>>().concat()
}

/// A table; cells are HTML already.
pub(super) fn table<const N: usize>(heads: [&str; N], rows: &[[String; N]]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let heads = each(heads, |head| format!("<th>{head}</th>"));
    let row = |cells: &[String; N]| format!("<tr>{}</tr>", each(cells, |cell| format!("<td>{cell}</td>")));
    format!("<table><thead><tr>{heads}</tr></thead><tbody>{}</tbody></table>", each(rows, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_becomes_markup() {
        assert_eq!(escaped("<b a=\"c\">&'"), "&lt;b a=&quot;c&quot;&gt;&amp;&#39;");
        assert_eq!(prose("a `<b>` c\n\nd"), "<p>a <code>&lt;b&gt;</code> c</p><p>d</p>");
    }
}
