import android.app.Activity
import android.net.Uri
import net.openid.appauth.AuthorizationRequest
import net.openid.appauth.AuthorizationService
import net.openid.appauth.AuthorizationServiceConfiguration
import net.openid.appauth.EndSessionRequest
import net.openid.appauth.ResponseTypeValues

// Say in build.gradle which scheme is yours: manifestPlaceholders["appAuthRedirectScheme"] = "…"
fun beginSignIn(activity: Activity, service: AuthorizationService, requestCode: Int) {
    AuthorizationServiceConfiguration.fetchFromIssuer(Uri.parse("{{issuer}}")) { server, error ->
        if (server == null) throw error ?: IllegalStateException("no configuration")
        // The library makes state, nonce and PKCE.
        val request = AuthorizationRequest.Builder(
            server,
            "{{client_id}}",
            ResponseTypeValues.CODE,
            Uri.parse("{{redirect_uri}}"),
        ).setScope("{{scope}}").build()
        activity.startActivityForResult(service.getAuthorizationRequestIntent(request), requestCode)
    }
}

// Ends the session at the server, too. `server` and `idToken` are of the answer to the sign-in.
fun beginSignOut(
    activity: Activity,
    service: AuthorizationService,
    server: AuthorizationServiceConfiguration,
    idToken: String,
    requestCode: Int,
) {
    val request = EndSessionRequest.Builder(server)
        .setIdTokenHint(idToken)
        .setPostLogoutRedirectUri(Uri.parse("{{redirect_uri}}"))
        .build()
    activity.startActivityForResult(service.getEndSessionRequestIntent(request), requestCode)
}
