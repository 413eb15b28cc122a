//! What a mail says. The texts are files beside this one: the first line is the subject, and a line with a word in braces for which there is
//! nothing is left out.

use jiff::civil::Date;

use super::{Message, Review, Stage};

/// What a text says besides the facts of its message.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// What the company calls itself.
    pub company: &'a str,
    /// The name of whom it is for, if it is known.
    pub person: Option<&'a str>,
    /// Where people work with Tenure, if that is known.
    pub link: Option<&'a str>,
    /// How the company writes dates, as its setting says.
    pub date_format: &'a str,
    /// The token by which a password is chosen, and for how many minutes it works.
    pub token: Option<(&'a str, i64)>,
}

/// A text to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// On one line.
    pub subject: String,
    /// Lines of plain text.
    pub body: String,
}

/// The text of a message.
#[must_use]
pub fn text(message: &Message, around: &Around<'_>) -> Text {
    let date = |day: Date| written(day, around.date_format);
    let mut words: Vec<(&str, Option<String>)> = vec![
        ("company", Some(around.company.to_owned())),
        ("greeting", Some(around.person.map_or_else(|| "Hello".to_owned(), |name| format!("Hello {name}")))),
        ("link", around.link.map(str::to_owned)),
        ("token", around.token.map(|(token, _)| token.to_owned())),
        ("minutes", around.token.map(|(_, minutes)| minutes.to_string())),
    ];
    match message {
        Message::PasswordReset { .. } => {}
        Message::DocumentRequest { title, due_on, .. } => {
            words.push(("title", title.clone()));
            words.push(("day", due_on.map(date)));
        }
        Message::FileEnds { expires_on, .. } => words.push(("day", Some(date(*expires_on)))),
        Message::FilesEnd { count } => words.push(("count", Some(counted(*count, "document ends", "documents end")))),
        Message::SelfReview(Review { name, last_day, .. })
        | Message::AppraisalShared(Review { name, last_day, .. }) => {
            words.push(("name", Some(name.clone())));
            words.push(("day", last_day.map(date)));
        }
        Message::ManagerReview { review, count } => {
            words.push(("name", Some(review.name.clone())));
            words.push(("day", review.last_day.map(date)));
            words.push(("count", Some(counted(*count, "appraisal", "appraisals"))));
        }
    }
    fill(template(message), &words)
}

fn template(message: &Message) -> &'static str {
    match message {
        Message::PasswordReset { .. } => include_str!("texts/password_reset.txt"),
        Message::DocumentRequest { stage: Stage::Begun, .. } => include_str!("texts/document_request.txt"),
        Message::DocumentRequest { .. } => include_str!("texts/document_request_again.txt"),
        Message::FileEnds { stage: Stage::Late, .. } => include_str!("texts/file_has_ended.txt"),
        Message::FileEnds { .. } => include_str!("texts/file_ends.txt"),
        Message::FilesEnd { .. } => include_str!("texts/files_end.txt"),
        Message::SelfReview(Review { stage: Stage::Late, .. }) => include_str!("texts/self_review_late.txt"),
        Message::SelfReview(_) => include_str!("texts/self_review.txt"),
        Message::ManagerReview { review: Review { stage: Stage::Late, .. }, .. } => {
            include_str!("texts/manager_review_late.txt")
        }
        Message::ManagerReview { .. } => include_str!("texts/manager_review.txt"),
        Message::AppraisalShared(Review { stage: Stage::Begun, .. }) => include_str!("texts/appraisal_shared.txt"),
        Message::AppraisalShared(_) => include_str!("texts/appraisal_shared_again.txt"),
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// A day as the company writes it.
fn written(day: Date, format: &str) -> String {
    let format = match format {
        "dd.mm.yyyy" => "%d.%m.%Y",
        "dd/mm/yyyy" => "%d/%m/%Y",
        "mm/dd/yyyy" => "%m/%d/%Y",
        "dd-mm-yyyy" => "%d-%m-%Y",
        _ => "%Y-%m-%d",
    };
    day.strftime(format).to_string()
}

/// A template with its words put in. Whatever the words are, each stays on its line and none is taken for a word in braces.
fn fill(template: &str, words: &[(&str, Option<String>)]) -> Text {
    let mut lines = template.lines().filter_map(|line| filled(line, words));
    let subject = lines.next().unwrap_or_default();
    let body: Vec<String> = lines.collect();
    Text { subject, body: format!("{}\n", body.join("\n").trim()) }
}

fn filled(line: &str, words: &[(&str, Option<String>)]) -> Option<String> {
    let (mut rest, mut filled) = (line, String::new());
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        let word = words.iter().find(|(known, _)| *known == name).and_then(|(_, word)| word.as_deref())?;
        filled.push_str(before);
        filled.push_str(&on_one_line(word));
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// A word of somebody else's, which could hold a line break to begin a line or a header of its own.
fn on_one_line(word: &str) -> String {
    word.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const AROUND: Around<'_> = Around {
        company: "Acme Ltd",
        person: Some("Ada"),
        link: Some("https://hr.example.com"),
        date_format: "dd.mm.yyyy",
        token: Some(("tnp_secret", 60)),
    };

    fn messages() -> Vec<Message> {
        let day = Some(date(2026, 3, 31));
        let mut messages =
            vec![Message::PasswordReset { email: "ada@acme.example".to_owned() }, Message::FilesEnd { count: 2 }];
        for stage in Stage::ALL.iter().copied() {
            let review = Review { cycle: Uuid::nil(), name: "Year 2026".to_owned(), last_day: day, stage };
            let (request, title) = (Uuid::nil().into(), Some("Diploma".to_owned()));
            messages.extend([
                Message::DocumentRequest { request, title, due_on: day, stage },
                Message::FileEnds { document: Uuid::nil().into(), expires_on: date(2026, 3, 31), stage },
                Message::SelfReview(review.clone()),
                Message::ManagerReview { review: review.clone(), count: 1 },
                Message::AppraisalShared(review),
            ]);
        }
        messages
    }

    #[test]
    fn every_text_names_the_company_and_puts_in_all_its_words() {
        for message in messages() {
            let Text { subject, body } = text(&message, &AROUND);
            assert!(!format!("{subject}{body}").contains(['{', '}']), "{message:?}: {subject}\n{body}");
            assert!(subject.contains("Acme Ltd") && body.starts_with("Hello Ada,\n"), "{subject}\n{body}");
            assert!(body.contains("https://hr.example.com"), "{body}");
            assert!(!body.contains("\n\n\n") && !body.lines().any(|line| line.len() > 100), "{body}");
        }
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let request =
            Message::DocumentRequest { request: Uuid::nil().into(), title: None, due_on: None, stage: Stage::Begun };
        let around = Around { person: None, link: None, ..AROUND };
        let Text { subject, body } = text(&request, &around);
        assert_eq!(subject, "Acme Ltd asks you for a document");
        assert!(
            body.starts_with("Hello,\n") && !body.contains("Please send it by") && !body.contains("http"),
            "{body}"
        );
    }

    #[test]
    fn the_token_is_in_the_mail_that_is_for_it_alone() {
        for message in messages() {
            assert_eq!(text(&message, &AROUND).body.contains("tnp_secret"), message.is_urgent(), "{message:?}");
        }
    }

    proptest! {
        /// Whatever a name or a title is, the mail has the lines that the template has.
        #[test]
        fn words_of_others_add_no_lines_and_no_words(name in "\\PC{0,10}[\r\n\u{2028}{}]{0,3}[a-z]{0,5}\\PC{0,10}") {
            let request = |title: &str| Message::DocumentRequest {
                request: Uuid::nil().into(),
                title: Some(title.to_owned()),
                due_on: None,
                stage: Stage::Begun,
            };
            let hostile = text(&request(&name), &Around { company: &name, person: Some(&name), ..AROUND });
            let usual = text(&request("x"), &AROUND);
            prop_assert_eq!(hostile.body.lines().count(), usual.body.lines().count());
            prop_assert!(!hostile.subject.contains(['\r', '\n']));
        }
    }
}
