//! The page: contents, each operation with what it takes and answers, and the schemas.

use serde_json::{Map, Value};

use super::html::{each, escaped, inline, prose, table};
use super::schema;

/// An operation with its place.
struct Operation<'a> {
    path: &'a str,
    method: &'a str,
    body: &'a Value,
}

/// The page of a description.
pub(super) fn page(document: &Value, style: &str) -> String {
    let operations = operations(document);
    let tags: Vec<&Value> = document.get("tags").and_then(Value::as_array).into_iter().flatten().collect();
    let title = escaped(text(info(document), "title"));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} API</title><style>{style}</style></head><body><nav><h1>{title} API</h1>{}<h2>schemas</h2><ul>{}</ul></nav>\
         <main>{}<p>The same for programs: <a href=\"openapi.json\">openapi.json</a>. A token is sent as <code>Authorization: \
         Bearer …</code>.</p>{}<h2>schemas</h2>{}</main></body></html>",
        each(&tags, |tag| contents(tag, &operations)),
        each(schemas(document), |(name, _)| format!("<li><a href=\"#{0}\">{0}</a></li>", escaped(name))),
        prose(text(info(document), "description")),
        each(&tags, |tag| chapter(tag, &operations)),
        each(schemas(document), |(name, schema)| schema_section(name, schema)),
    )
}

/// The links to the operations of a tag.
fn contents(tag: &Value, operations: &[Operation<'_>]) -> String {
    let name = text(tag, "name");
    let links = each(operations.iter().filter(|operation| operation.tag() == name), Operation::link);
    format!("<h2>{}</h2><ul>{links}</ul>", escaped(name))
}

/// The operations of a tag.
fn chapter(tag: &Value, operations: &[Operation<'_>]) -> String {
    let name = text(tag, "name");
    let sections = each(operations.iter().filter(|operation| operation.tag() == name), Operation::section);
    format!("<h2>{}</h2>{}{sections}", escaped(name), prose(text(tag, "description")))
}

fn info(document: &Value) -> &Value {
    document.get("info").unwrap_or(&Value::Null)
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    let methods = paths.flat_map(|(path, item)| item.as_object().into_iter().flatten().map(move |one| (path, one)));
    methods.map(|(path, (method, body))| Operation { path, method, body }).collect()
}

fn schemas(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten()
}

fn schema_section(name: &str, schema: &Value) -> String {
    let description = prose(text(schema, "description"));
    format!("<section id=\"{0}\"><h3>{0}</h3>{description}{1}</section>", escaped(name), schema::members(schema))
}

impl Operation<'_> {
    fn tag(&self) -> &str {
        self.body.pointer("/tags/0").and_then(Value::as_str).unwrap_or_default()
    }

    fn id(&self) -> String {
        escaped(text(self.body, "operationId"))
    }

    fn link(&self) -> String {
        format!("<li><a href=\"#{}\"><b>{}</b> {}</a></li>", self.id(), self.method, escaped(self.path))
    }

    fn section(&self) -> String {
        let id = self.id();
        let heading = format!("<h3><a href=\"#{id}\"><b>{}</b> {}</a></h3>", self.method, escaped(self.path));
        let summary = prose(text(self.body, "summary"));
        let description = prose(text(self.body, "description"));
        let (parameters, sent) = (self.parameters(), self.sent());
        format!("<section id=\"{id}\">{heading}{summary}{description}{parameters}{sent}{}</section>", self.answers())
    }

    fn parameters(&self) -> String {
        let parameters = self.body.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let row = |parameter: &Value| {
            let required = parameter.get("required") == Some(&Value::Bool(true));
            [
                format!("<code>{}</code>", escaped(text(parameter, "name"))),
                escaped(text(parameter, "in")),
                schema::words(parameter.get("schema").unwrap_or(&Value::Null)),
                if required { "yes".to_owned() } else { String::new() },
                inline(text(parameter, "description")),
            ]
        };
        table(["parameter", "in", "is", "needed", ""], &parameters.map(row).collect::<Vec<_>>())
    }

    fn sent(&self) -> String {
        let contents = self.body.pointer("/requestBody/content").and_then(Value::as_object);
        contents.map(|contents| format!("<h4>body</h4>{}", bodies(contents))).unwrap_or_default()
    }

    fn answers(&self) -> String {
        let answers = self.body.get("responses").and_then(Value::as_object);
        let row = |(status, answer): (&String, &Value)| {
            let contents = answer.get("content").and_then(Value::as_object);
            let body = contents.filter(|_| status.starts_with('2')).map(bodies).unwrap_or_default();
            [escaped(status), inline(text(answer, "description")) + &body]
        };
        table(["status", "answer"], &answers.into_iter().flatten().map(row).collect::<Vec<_>>())
    }
}

/// What is sent or answered: its type, its schema and the example.
fn bodies(contents: &Map<String, Value>) -> String {
    each(contents, |(kind, content)| {
        let schema = schema::words(content.get("schema").unwrap_or(&Value::Null));
        let example = content.get("example").map(example).unwrap_or_default();
        format!("<p><code>{}</code>: {schema}</p>{example}", escaped(kind))
    })
}

fn example(value: &Value) -> String {
    let text = value.as_str().map(ToOwned::to_owned).or_else(|| serde_json::to_string_pretty(value).ok());
    text.map(|text| format!("<pre>{}</pre>", escaped(&text))).unwrap_or_default()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
