//! The way in which a client that describes itself asks for people by name (CIBA §4).

use serde_json::{Map, Value};

use super::description::{MetadataError, short};
use crate::client::{ClientCiba, DeliveryMode, GrantType, check_delivery_mode, check_notification_endpoint};
use crate::field::FieldProblem;
use crate::jose::VerifyingAlg;

/// The metadata of a client with these grant types; nothing of it counts without the one that it is for.
///
/// # Errors
/// The first member that cannot be used.
pub(super) fn read_ciba(metadata: &Map<String, Value>, grants: &[GrantType]) -> Result<ClientCiba, MetadataError> {
    if !grants.contains(&GrantType::Ciba) {
        return Ok(ClientCiba::default());
    }
    let text = |name: &'static str| match metadata.get(name) {
        None => Ok(""),
        Some(value) => value.as_str().ok_or_else(|| MetadataError::Member(name, "it is no text".to_owned())),
    };
    let (mode, endpoint) = ("backchannel_token_delivery_mode", "backchannel_client_notification_endpoint");
    let alg = "backchannel_authentication_request_signing_alg";
    match metadata.get("backchannel_user_code_parameter") {
        None | Some(Value::Bool(false)) => {}
        Some(_) => {
            let why = "this server has no user codes for people".to_owned();
            return Err(MetadataError::Member("backchannel_user_code_parameter", why));
        }
    }
    let delivery_mode = refuse(mode, check_delivery_mode(text(mode)?))?;
    let request_signing_alg = match text(alg)? {
        "" => None,
        word => {
            let unknown = || MetadataError::Member(alg, format!("{} is not one of this server", short(word)));
            Some(VerifyingAlg::read(word).ok_or_else(unknown)?)
        }
    };
    Ok(ClientCiba {
        delivery_mode: delivery_mode.or(Some(DeliveryMode::default())),
        notification_endpoint: refuse(endpoint, check_notification_endpoint(text(endpoint)?))?,
        request_signing_alg,
    })
}

fn refuse<T>(name: &'static str, checked: Result<T, FieldProblem>) -> Result<T, MetadataError> {
    checked.map_err(|problem| MetadataError::Member(name, problem.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<ClientCiba, MetadataError> {
        read_ciba(value.as_object().unwrap(), &[GrantType::Ciba])
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(read(json!({})).unwrap().delivery_mode, Some(DeliveryMode::Poll));
        let all = read(json!({
            "backchannel_token_delivery_mode": "ping", "backchannel_authentication_request_signing_alg": "PS256",
            "backchannel_client_notification_endpoint": "https://a.example/cb", "backchannel_user_code_parameter": false,
        }));
        let all = all.unwrap();
        assert_eq!((all.mode(), all.request_signing_alg), (DeliveryMode::Ping, Some(VerifyingAlg::PS256)));
        assert_eq!(all.ping_endpoint(), Some("https://a.example/cb"));
        for (member, value) in [
            ("backchannel_token_delivery_mode", json!("push")),
            ("backchannel_token_delivery_mode", json!(["poll"])),
            ("backchannel_client_notification_endpoint", json!("http://a.example/cb")),
            ("backchannel_authentication_request_signing_alg", json!("HS256")),
            ("backchannel_authentication_request_signing_alg", json!("none")),
            ("backchannel_user_code_parameter", json!(true)),
        ] {
            let found = read(json!({ member: value })).unwrap_err();
            assert!(matches!(&found, MetadataError::Member(name, _) if *name == member), "{member}: {found}");
            let other = json!({ member: value });
            assert!(read_ciba(other.as_object().unwrap(), &[]).unwrap().is_empty(), "it counts for nothing");
        }
    }
}
