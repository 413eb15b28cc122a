//! Cuts a file of SQL into its statements, because DDL of several statements in one message fails on Citus.

/// The statements of a text, without the semicolons and without comments that stand before them.
///
/// Understands quoted strings (also `E'…'`), quoted names, dollar quotes, line comments and nested block comments, which is all
/// that can hold a semicolon that ends no statement.
#[must_use]
pub fn split(sql: &str) -> Vec<&str> {
    let mut statements = Vec::new();
    let mut rest = sql;
    while let Some((statement, after)) = next_statement(rest) {
        if !statement.is_empty() {
            statements.push(statement);
        }
        rest = after;
    }
    statements
}

/// The table that a statement creates, when it is a `CREATE TABLE`.
#[must_use]
pub(super) fn created_table(statement: &str) -> Option<&str> {
    let mut words = statement.split_whitespace();
    if !words.next()?.eq_ignore_ascii_case("create") {
        return None;
    }
    let mut word = words.next()?;
    if word.eq_ignore_ascii_case("unlogged") {
        word = words.next()?;
    }
    if !word.eq_ignore_ascii_case("table") {
        return None;
    }
    let name = words.next()?;
    Some(name.split_once('(').map_or(name, |(name, _)| name))
}

/// The table that a statement drops, if it does.
pub(super) fn dropped_table(statement: &str) -> Option<&str> {
    let mut words = statement.split_whitespace();
    let is = |word: Option<&str>, expected| word.is_some_and(|word| word.eq_ignore_ascii_case(expected));
    (is(words.next(), "drop") && is(words.next(), "table")).then(|| words.next()).flatten()
}

/// The old and the new name of the table that a statement renames, if it does.
pub(super) fn renamed_table(statement: &str) -> Option<(&str, &str)> {
    let words: Vec<&str> = statement.split_whitespace().collect();
    let lower = statement.to_ascii_lowercase();
    let known: Vec<&str> = lower.split_whitespace().collect();
    match (known.as_slice(), words.as_slice()) {
        (["alter", "table", _, "rename", "to", _], [_, _, old, _, _, new])
        | (["alter", "table", "only", _, "rename", "to", _], [_, _, _, old, _, _, new])
        | (["alter", "table", "if", "exists", _, "rename", "to", _], [_, _, _, _, old, _, _, new]) => Some((old, new)),
        _ => None,
    }
}

fn next_statement(sql: &str) -> Option<(&str, &str)> {
    let start = skip_blank(sql);
    if start.is_empty() {
        return None;
    }
    let mut length = 0;
    loop {
        let tail = start.get(length..).unwrap_or_default();
        let Some(first) = tail.chars().next() else {
            return Some((start.trim_end(), ""));
        };
        if first == ';' {
            let statement = start.get(..length).unwrap_or_default();
            return Some((statement.trim_end(), tail.get(1..).unwrap_or_default()));
        }
        let after_word = start.get(..length).is_some_and(|before| before.ends_with(is_word));
        length += opaque_length(tail, after_word).unwrap_or(first.len_utf8());
    }
}

/// Removes white space and comments from the front.
fn skip_blank(mut sql: &str) -> &str {
    loop {
        sql = sql.trim_start();
        match comment_length(sql) {
            Some(length) => sql = sql.get(length..).unwrap_or_default(),
            None => return sql,
        }
    }
}

/// The length in bytes of the comment, string, name or dollar quote that a text begins with. One that is never closed reaches
/// to the end, where PostgreSQL will complain of it.
fn opaque_length(text: &str, after_word: bool) -> Option<usize> {
    comment_length(text).or_else(|| match text.chars().next()? {
        '\'' => Some(quoted_length(text, 1, '\'', false)),
        '"' => Some(quoted_length(text, 1, '"', false)),
        'e' | 'E' if !after_word && text.get(1..2) == Some("'") => Some(quoted_length(text, 2, '\'', true)),
        '$' if !after_word => dollar_quoted_length(text),
        _ => None,
    })
}

fn comment_length(text: &str) -> Option<usize> {
    if text.starts_with("--") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if !text.starts_with("/*") {
        return None;
    }
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(tail) = text.get(at..).filter(|tail| !tail.is_empty()) {
        if tail.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += tail.chars().next().map_or(1, char::len_utf8);
        }
    }
    Some(text.len())
}

fn quoted_length(text: &str, opening: usize, quote: char, backslash_escapes: bool) -> usize {
    let mut characters = text.char_indices().skip(opening).peekable();
    while let Some((at, character)) = characters.next() {
        if backslash_escapes && character == '\\' {
            characters.next();
        } else if character == quote && characters.next_if(|&(_, next)| next == quote).is_none() {
            return at + 1;
        }
    }
    text.len()
}

fn dollar_quoted_length(text: &str) -> Option<usize> {
    let tag_end = text.get(1..)?.find('$')? + 2;
    let tag = text.get(..tag_end)?;
    let name = tag.trim_matches('$');
    if !name.chars().all(is_word) || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let body = text.get(tag_end..)?;
    Some(body.find(tag).map_or(text.len(), |end| tag_end + end + tag.len()))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn semicolons_inside_quotes_and_comments_end_nothing() {
        let sql = "-- first; comment\nSELECT 'a;''b', \"c;d\"; /* x; /* y; */ */ SELECT E'\\';' ;\n DO $f$ BEGIN; END $f$; SELECT $$;$$ -- end;";
        assert_eq!(
            split(sql),
            ["SELECT 'a;''b', \"c;d\"", "SELECT E'\\';'", "DO $f$ BEGIN; END $f$", "SELECT $$;$$ -- end;"]
        );
    }

    #[test]
    fn a_dollar_inside_a_name_or_a_parameter_is_no_quote() {
        assert_eq!(split("SELECT a$b; SELECT $1; SELECT c$b"), ["SELECT a$b", "SELECT $1", "SELECT c$b"]);
    }

    #[test]
    fn empty_statements_and_trailing_comments_vanish() {
        assert!(split(" ;; -- nothing\n /* here */ ").is_empty());
    }

    #[test]
    fn the_created_table_is_recognised() {
        assert_eq!(created_table("CREATE TABLE users (\n id uuid)"), Some("users"));
        assert_eq!(created_table("create unlogged table rows(id uuid)"), Some("rows"));
        assert_eq!(created_table("CREATE INDEX users_idx ON users (id)"), None);
    }

    #[test]
    fn the_dropped_table_is_recognised() {
        assert_eq!(dropped_table("DROP TABLE users"), Some("users"));
        assert_eq!(dropped_table("drop index users_idx"), None);
        assert_eq!(dropped_table("ALTER TABLE users DROP COLUMN a"), None);
    }

    proptest! {
        #[test]
        fn splitting_any_text_never_panics_and_loses_no_statement_text(text in "[ -~\\n]{0,60}") {
            for statement in split(&text) {
                prop_assert!(text.contains(statement));
                prop_assert!(!statement.trim().is_empty());
            }
        }

        #[test]
        fn statements_joined_by_semicolons_come_back(parts in prop::collection::vec("[a-z]{1,8}( '[a-z;]{0,5}')?", 1..6)) {
            let expected: Vec<&str> = parts.iter().map(String::as_str).collect();
            let sql = parts.join(" ;\n");
            prop_assert_eq!(split(&sql), expected);
        }
    }
}
