use openidconnect::core::{CoreClient, CoreProviderMetadata};
use openidconnect::{ClientId, ClientSecret, IssuerUrl, OAuth2TokenResponse, reqwest};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let http = reqwest::ClientBuilder::new().redirect(reqwest::redirect::Policy::none()).build()?;
    let issuer = IssuerUrl::new("{{issuer}}".to_owned())?;
    let server = CoreProviderMetadata::discover_async(issuer, &http).await?;
    let id = ClientId::new("{{client_id}}".to_owned());
    let secret = ClientSecret::new(std::env::var("OIDC_CLIENT_SECRET")?);
    let client = CoreClient::from_provider_metadata(server, id, Some(secret));
    let tokens = client.exchange_client_credentials()?.request_async(&http).await?;
    // Send it as `Authorization: Bearer …` and keep it until it expires.
    println!("{}", tokens.access_token().secret());
    Ok(())
}
