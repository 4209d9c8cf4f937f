import android.app.Activity
import android.net.Uri
import net.openid.appauth.AuthorizationRequest
import net.openid.appauth.AuthorizationService
import net.openid.appauth.AuthorizationServiceConfiguration
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
