//! The messages of MCP that the notes need: `initialize`, `ping`, `tools/list`, `tools/call`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::access::Access;

/// The revisions that this server speaks, the newest first.
const REVISIONS: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];

/// Notes of one person: more is refused.
const MOST: usize = 100;

/// A JSON-RPC 2.0 request, or a notification if it has no `id`.
#[derive(Deserialize)]
pub(crate) struct Request {
    id: Option<Value>,
    method: String,
    #[serde(default)]
    params: Value,
}

/// Notes by the subject of whoever wrote them.
#[derive(Default)]
pub(crate) struct Notes(Mutex<HashMap<String, Vec<String>>>);

#[derive(Clone, Copy)]
enum Tool {
    List,
    Add,
}

impl Tool {
    const ALL: [Self; 2] = [Self::List, Self::Add];

    fn name(self) -> &'static str {
        match self {
            Self::List => "list_notes",
            Self::Add => "add_note",
        }
    }

    /// The scope that calling it takes.
    fn scope(self) -> &'static str {
        match self {
            Self::List => "notes:read",
            Self::Add => "notes:write",
        }
    }

    fn describe(self) -> Value {
        let schema = match self {
            Self::List => json!({"type": "object", "properties": {}}),
            Self::Add => {
                json!({"type": "object", "properties": {"text": {"type": "string", "maxLength": 1000}}, "required": ["text"]})
            }
        };
        let description = match self {
            Self::List => "The notes of the person who is signed in.",
            Self::Add => "Adds a note.",
        };
        json!({"name": self.name(), "description": description, "inputSchema": schema})
    }
}

impl Request {
    /// The scope that the request takes: that of the tool it calls. Everything else only takes a good token.
    pub(crate) fn scope(&self) -> &'static str {
        self.tool().map_or("", Tool::scope)
    }

    fn tool(&self) -> Option<Tool> {
        let name = self.params.get("name")?.as_str()?;
        Tool::ALL.into_iter().find(|tool| self.method == "tools/call" && tool.name() == name)
    }
}

impl Notes {
    /// The answer to a request; none to a notification.
    pub(crate) fn answer(&self, request: &Request, access: &Access) -> Option<Value> {
        let id = request.id.as_ref()?;
        let result = match request.method.as_str() {
            "initialize" => Ok(initialize(&request.params)),
            "ping" => Ok(json!({})),
            "tools/list" => Ok(json!({"tools": Tool::ALL.map(Tool::describe)})),
            "tools/call" => match request.tool() {
                Some(tool) => Ok(self.call(tool, &request.params, access)),
                None => Err((-32602, "there is no such tool")),
            },
            _ => Err((-32601, "there is no such method")),
        };
        Some(match result {
            Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Err((code, message)) => {
                json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
            }
        })
    }

    fn call(&self, tool: Tool, params: &Value, access: &Access) -> Value {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let notes = all.entry(access.subject.clone()).or_default();
        let text = match (tool, params.pointer("/arguments/text").and_then(Value::as_str)) {
            (Tool::List, _) => notes.join("\n"),
            (Tool::Add, Some(text)) if text.len() <= 1000 && notes.len() < MOST => {
                notes.push(text.to_owned());
                format!("Noted by {}.", access.client_id)
            }
            (Tool::Add, _) => {
                return json!({"isError": true, "content": [{"type": "text", "text": "too long, too many, or no text"}]});
            }
        };
        json!({"content": [{"type": "text", "text": text}]})
    }
}

/// The revision that the agent asks for, if it is spoken here, or else the newest that is.
fn initialize(params: &Value) -> Value {
    let asked = params.get("protocolVersion").and_then(Value::as_str);
    let revision = REVISIONS.into_iter().find(|revision| Some(*revision) == asked).unwrap_or(REVISIONS[0]);
    json!({
        "protocolVersion": revision,
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "notes", "version": env!("CARGO_PKG_VERSION")},
    })
}
