//! A program on a machine without a browser that signs somebody in (RFC 8628): it shows a code to type and a QR code to scan, and
//! waits. `BASE` is the issuer, `CLIENT_ID` a client with the grant type of devices and no secret.
#![expect(clippy::print_stdout, reason = "what it prints is what the person reads")]

use std::env::var;
use std::error::Error;
use std::time::Duration;

use qrcodegen::{QrCode, QrCodeEcc};
use reqwest::Client;
use serde_json::Value;

type AnyError = Box<dyn Error + Send + Sync>;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let (issuer, client_id) = (var("BASE")?, var("CLIENT_ID")?);
    let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let signet: Value = http.get(format!("{issuer}/.well-known/openid-configuration")).send().await?.json().await?;
    let asked = [("client_id", client_id.as_str()), ("scope", "openid email")];
    let device = post(&http, text(&signet, "device_authorization_endpoint")?, &asked).await?;
    if device.get("error").is_some() {
        return Err(device.to_string().into());
    }
    println!("Open {} and type {}", text(&device, "verification_uri")?, text(&device, "user_code")?);
    println!("{}", draw(text(&device, "verification_uri_complete")?)?);
    let tokens = wait(&http, text(&signet, "token_endpoint")?, &client_id, &device).await?;
    let user = http.get(text(&signet, "userinfo_endpoint")?).bearer_auth(text(&tokens, "access_token")?).send();
    let user: Value = user.await?.json().await?;
    println!("Signed in as {}", text(&user, "email")?);
    Ok(())
}

/// The tokens, once somebody has allowed it.
async fn wait(http: &Client, endpoint: &str, client_id: &str, device: &Value) -> Result<Value, AnyError> {
    let mut interval = device.get("interval").and_then(Value::as_u64).unwrap_or(5);
    let code = text(device, "device_code")?;
    let poll = [("grant_type", DEVICE_CODE), ("client_id", client_id), ("device_code", code)];
    loop {
        tokio::time::sleep(Duration::from_secs(interval)).await;
        let answer = post(http, endpoint, &poll).await?;
        match answer.get("error").and_then(Value::as_str) {
            None => return Ok(answer),
            Some("slow_down") => interval += 5,
            Some("authorization_pending" | "temporarily_unavailable") => {}
            Some(_) => return Err(answer.to_string().into()),
        }
    }
}

async fn post(http: &Client, address: &str, form: &[(&str, &str)]) -> Result<Value, AnyError> {
    Ok(http.post(address).form(form).send().await?.json().await?)
}

fn text<'a>(object: &'a Value, member: &str) -> Result<&'a str, AnyError> {
    object.get(member).and_then(Value::as_str).ok_or_else(|| format!("there is no {member} in {object}").into())
}

/// A QR code in half blocks: two rows in each line, light on dark as terminals are, with its border.
fn draw(address: &str) -> Result<String, AnyError> {
    let code = QrCode::encode_text(address, QrCodeEcc::Low)?;
    let light = |x, y| !code.get_module(x, y);
    let line = |y: i32| {
        let cell = |x: i32| match (light(x, y), light(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        (-2..code.size() + 2).map(cell).collect::<String>()
    };
    Ok((-2..code.size() + 2).step_by(2).map(line).collect::<Vec<_>>().join("\n"))
}
