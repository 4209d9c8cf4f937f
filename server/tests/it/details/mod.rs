//! Rich authorization requests (RFC 9396).

mod ciba;
mod consent;
mod device;
mod doors;
mod requests;
mod tokens;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::server::{CALLBACK, SECRET, Server};

const BANK: &str = "https://bank.example";
const NOTES: &str = "https://notes.example";
const INVALID: &str = "invalid_authorization_details";

impl Server {
    /// A bank with the types of RFC 9396 §2, and notes with one. `web` and `job` may ask for all but `secret`.
    async fn with_details(&self) -> (Value, Value) {
        let bank = json!({
            "identifier": BANK, "name": "Example Bank",
            "scopes": [{ "name": "accounts", "description": "See your accounts" }],
            "authorization_details_types": [
                { "type": "payment_initiation", "description": "Make a payment", "fields": [
                    "actions required = initiate status cancel", "locations", "instructedAmount.currency string required = EUR USD",
                    "instructedAmount.amount string required", "creditorName string required", "urgent boolean", "priority number",
                ] },
                { "type": "account_information", "description": "See what is on your accounts", "fields": "actions = list_accounts read_balances\nidentifier" },
                { "type": "secret" },
            ],
        });
        let notes = json!({
            "identifier": NOTES, "name": "Notes", "scopes": [{ "name": "read", "description": "Read your notes" }],
            "authorization_details_types": [{ "type": "note_share", "description": "Share notes", "fields": ["actions"] }],
        });
        let (bank, notes) = (self.create_resource(&bank).await, self.create_resource(&notes).await);
        for client in ["web", "job"] {
            let change =
                json!({ "authorization_details_types": ["payment_initiation", "account_information", "note_share"] });
            let answer = self.admin("PATCH", &format!("/admin/clients/{client}"), &change).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        }
        (bank, notes)
    }

    /// `POST /token` of a client with a secret.
    async fn token_of(&self, client: &str, fields: &[(&str, &str)], details: &Value) -> Answer {
        let text = details.to_string();
        let mut fields = fields.to_vec();
        if !details.is_null() {
            fields.push(("authorization_details", &text));
        }
        self.post("/token", Some(&format!("{client}:{SECRET}")), &fields).await
    }

    async fn redeem_details(&self, code: &str, details: &Value) -> Answer {
        let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
        self.token_of("web", &fields, details).await
    }

    async fn refresh_details(&self, tokens: &Value, more: &[(&str, &str)], details: &Value) -> Answer {
        let token = tokens["refresh_token"].as_str().unwrap();
        let fields = [&[("grant_type", "refresh_token"), ("refresh_token", token)], more].concat();
        self.token_of("web", &fields, details).await
    }

    /// Tokens of alice for `web`.
    async fn tokens_for(&self, browser: &mut Browser<'_>, more: &[(&str, &str)], details: &Value) -> Value {
        let code = browser.allow_details(more, details).await;
        let answer = self.redeem_details(&code, &json!(null)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }
}

impl Browser<'_> {
    async fn ask_details(&mut self, more: &[(&str, &str)], details: &Value) -> Answer {
        let text = details.to_string();
        self.get(&Browser::request(&[more, &[("authorization_details", &text)]].concat())).await
    }

    /// Asks, agrees on the page that must come, and gives the code.
    async fn allow_details(&mut self, more: &[(&str, &str)], details: &Value) -> String {
        let page = self.ask_details(more, details).await;
        assert_eq!(page.status, StatusCode::OK, "{} {}", page.location(), page.body);
        let answer = self.press(&page, "yes").await;
        let code = answer.query().text("code");
        assert!(!code.is_empty(), "{} {}", answer.location(), answer.body);
        code
    }

    async fn silently_details(&mut self, details: &Value) -> String {
        let answer = self.ask_details(&[("prompt", "none"), ("scope", "")], details).await;
        answer.query().text("error")
    }
}

fn payment(amount: &str) -> Value {
    json!({ "type": "payment_initiation", "actions": ["initiate", "status"], "locations": ["https://bank.example/payments"],
        "instructedAmount": { "currency": "EUR", "amount": amount }, "creditorName": "Merchant A", "urgent": true })
}

fn accounts() -> Value {
    json!({ "type": "account_information", "actions": ["list_accounts", "read_balances"] })
}
