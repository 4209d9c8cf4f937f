import AppAuth
import UIKit

let issuer = URL(string: "{{issuer}}")!
let redirectURI = URL(string: "{{redirect_uri}}")!
// Keep it until the sign-in is over.
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
