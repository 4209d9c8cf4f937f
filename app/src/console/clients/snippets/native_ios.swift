import AppAuth
import UIKit

let issuer = URL(string: "{{issuer}}")!
let redirectURI = URL(string: "{{redirect_uri}}")!
// Keep it until the browser is back.
var signIn: OIDExternalUserAgentSession?

func beginSignIn(from view: UIViewController, done: @escaping (OIDAuthState?, Error?) -> Void) {
    OIDAuthorizationService.discoverConfiguration(forIssuer: issuer) { server, error in
        guard let server else { return done(nil, error) }
        // The library makes state, nonce and PKCE.
        let request = OIDAuthorizationRequest(
            configuration: server,
            clientId: "{{client_id}}",
            scopes: [{{scopes}}],
            redirectURL: redirectURI,
            responseType: OIDResponseTypeCode,
            additionalParameters: nil)
        signIn = OIDAuthState.authState(byPresenting: request, presenting: view, callback: done)
    }
}

/// Ends the session at the server, too. The ID token is `lastTokenResponse?.idToken` of the state.
func signOut(_ state: OIDAuthState, from view: UIViewController, done: @escaping (Error?) -> Void) {
    let request = OIDEndSessionRequest(
        configuration: state.lastAuthorizationResponse.request.configuration,
        idTokenHint: state.lastTokenResponse?.idToken ?? "",
        postLogoutRedirectURL: redirectURI,
        additionalParameters: nil)
    guard let browser = OIDExternalUserAgentIOS(presenting: view) else { return done(nil) }
    signIn = OIDAuthorizationService.present(request, externalUserAgent: browser) { _, error in done(error) }
}
