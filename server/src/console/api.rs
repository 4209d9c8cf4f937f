//! `/admin/ui/api`: the calls of the OpenAPI document, to be read.

use app::console::api::{Answer, ApiPage, Group, Member, Operation};
use app::console::path;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};

use super::admin::Admin;
use crate::admin_api::openapi::document;
use crate::http::failure::Failure;
use crate::http::form::Query;
use crate::state::Signet;

/// Objects within objects that are told apart; the document has two.
const DEPTH: usize = 3;

pub(crate) async fn get(State(signet): State<Signet>, admin: Admin, Query(query): Query) -> Result<Response, Failure> {
    let document = serde_json::to_value(document(&signet)).map_err(Failure::internal)?;
    let reader = Reader { document: &document, base: signet.issuer().as_str().trim_end_matches('/') };
    let mut groups = reader.groups();
    let shared = take_shared(&mut groups);
    let call = query.unwrap_or_default().text("call");
    let page = ApiPage { document: path::OPENAPI, groups, shared, call };
    Ok(admin.ok(|console| page.render(console)))
}

struct Reader<'a> {
    document: &'a Value,
    base: &'a str,
}

impl Reader<'_> {
    fn groups(&self) -> Vec<Group> {
        let operations: Vec<(&str, Operation)> = entries(&self.document["paths"])
            .flat_map(|(path, item)| entries(item).map(move |(method, operation)| (path, method, operation)))
            .map(|(path, method, operation)| {
                let tag = items(&operation["tags"]).find_map(Value::as_str).unwrap_or_default();
                (tag, self.operation(path, method, operation))
            })
            .collect();
        let group = |tag: &Value| {
            let name = text(tag, "name");
            let of_tag = operations.iter().filter(|(tag, _)| *tag == name);
            Group {
                description: text(tag, "description"),
                operations: of_tag.map(|(_, operation)| operation.clone()).collect(),
                name,
            }
        };
        items(&self.document["tags"]).map(group).collect()
    }

    fn operation(&self, path: &str, method: &str, operation: &Value) -> Operation {
        let method = method.to_uppercase();
        let sent = operation.pointer("/requestBody/content/application~1json").unwrap_or(&Value::Null);
        let answer = |(status, answer): (&str, &Value)| Answer {
            status: status.to_owned(),
            description: text(answer, "description"),
        };
        let body = (!sent.is_null()).then(|| {
            let mut members = Vec::new();
            self.add_members("", &sent["schema"], DEPTH, &mut members);
            members
        });
        // The calls that the document excuses have an empty list of what is needed.
        let open = operation["security"].is_array();
        Operation {
            id: text(operation, "operationId"),
            command: self.command(&method, path, !open, sent.get("example")),
            method,
            path: path.to_owned(),
            summary: text(operation, "summary"),
            description: text(operation, "description"),
            parameters: items(&operation["parameters"]).map(|one| self.parameter(one)).collect(),
            body,
            answers: entries(&operation["responses"]).map(answer).collect(),
            needs_token: !open,
        }
    }

    fn parameter(&self, parameter: &Value) -> Member {
        let schema = &parameter["schema"];
        Member {
            name: text(parameter, "name"),
            kind: format!("{}, in the {}", self.kind(schema, DEPTH), text(parameter, "in")),
            required: parameter["required"] == true,
            description: text(parameter, "description"),
            limits: limits(schema),
        }
    }

    /// The members of an object, and those of the objects in it that say what they hold.
    fn add_members(&self, prefix: &str, schema: &Value, depth: usize, members: &mut Vec<Member>) {
        let schema = self.resolve(schema);
        // An object that is another one with more members has its own at the end: those come first here.
        let parts: Vec<&Value> = items(&schema["allOf"]).collect();
        for part in parts.into_iter().rev() {
            self.add_members(prefix, part, depth, members);
        }
        for (name, member) in entries(&schema["properties"]) {
            let name = format!("{prefix}{name}");
            let described = self.resolve(member);
            let description = [text(member, "description"), text(described, "description")];
            let short = name.strip_prefix(prefix).unwrap_or_default();
            members.push(Member {
                kind: self.kind(member, DEPTH),
                required: items(&schema["required"]).any(|required| required == short),
                description: description.into_iter().find(|text| !text.is_empty()).unwrap_or_default(),
                limits: limits(described),
                name: name.clone(),
            });
            if depth > 0 {
                self.add_members(&format!("{name}."), member, depth - 1, members);
            }
        }
    }

    /// The schema that a reference leads to; of "this or null", this.
    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut choices = items(&schema["oneOf"]).filter(|choice| choice["type"] != "null");
        let schema = match (choices.next(), choices.next()) {
            (Some(only), None) => only,
            _ => schema,
        };
        schema["$ref"]
            .as_str()
            .and_then(|reference| self.document.pointer(reference.trim_start_matches('#')))
            .unwrap_or(schema)
    }

    /// A type in words. Null is left out: it means the same as leaving the member out.
    fn kind(&self, schema: &Value, depth: usize) -> String {
        let schema = self.resolve(schema);
        if depth == 0 {
            return "any".to_owned();
        }
        if schema["oneOf"].is_array() {
            let kinds: Vec<String> = items(&schema["oneOf"])
                .filter(|choice| choice["type"] != "null")
                .map(|choice| self.kind(choice, depth - 1))
                .collect();
            return kinds.join(" or ");
        }
        let named = schema["type"].as_str().or_else(|| items(&schema["type"]).find_map(|one| one.as_str()));
        match named {
            Some("array") => format!("array of {}", self.kind(&schema["items"], depth - 1)),
            Some(name) => name.to_owned(),
            None => "any".to_owned(),
        }
    }

    fn command(&self, method: &str, path: &str, guarded: bool, body: Option<&Value>) -> String {
        let address: String = path
            .split('{')
            .enumerate()
            .map(|(at, part)| match part.split_once('}') {
                Some((name, rest)) if at > 0 => format!("${{{}}}{rest}", name.to_uppercase()),
                _ => part.to_owned(),
            })
            .collect();
        let method = if method == "GET" { String::new() } else { format!(" -X {method}") };
        let token = if guarded { " -H \"X-Admin-Token: $ADMIN_TOKEN\"" } else { "" };
        let body = body.map(|body| {
            let quoted = body.to_string().replace('\'', r"'\''");
            format!(" -H 'Content-Type: application/json' -d '{quoted}'")
        });
        format!("curl -sS{method} \"{}{address}\"{token}{}", self.base, body.unwrap_or_default())
    }
}

/// Takes the answers that all calls with the token have out of each.
fn take_shared(groups: &mut [Group]) -> Vec<Answer> {
    let mut calls: Vec<&mut Operation> =
        groups.iter_mut().flat_map(|group| &mut group.operations).filter(|call| call.needs_token).collect();
    let mut shared = calls.first().map(|call| call.answers.clone()).unwrap_or_default();
    shared.retain(|answer| calls.iter().all(|call| call.answers.contains(answer)));
    for call in &mut calls {
        call.answers.retain(|answer| !shared.contains(answer));
    }
    shared
}

/// The bounds of a value, and its default.
fn limits(schema: &Value) -> Vec<String> {
    let words = schema["pattern"].as_str().map(|pattern| {
        let words = pattern.trim_start_matches("^(").trim_end_matches(")$").split('|');
        words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
    });
    let words = words.map(|words| format!("one of {words}"));
    let numbers = range(&schema["minimum"], &schema["maximum"], "");
    let length = range(&schema["minLength"], &schema["maxLength"], " characters");
    let default = (!schema["default"].is_null()).then(|| match &schema["default"] {
        Value::String(text) => format!("default `{text}`"),
        other => format!("default `{other}`"),
    });
    [words, numbers, length, default].into_iter().flatten().collect()
}

fn range(least: &Value, most: &Value, unit: &str) -> Option<String> {
    match (least.is_null(), most.is_null()) {
        (false, false) => Some(format!("{least} to {most}{unit}")),
        (false, true) => Some(format!("at least {least}{unit}")),
        (true, false) => Some(format!("at most {most}{unit}")),
        (true, true) => None,
    }
}

fn entries(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    object.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}

fn items(array: &Value) -> impl Iterator<Item = &Value> {
    array.as_array().into_iter().flatten()
}

fn text(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap_or_default().to_owned()
}
