import os
from urllib.parse import urlencode, urljoin, urlsplit

from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, abort, redirect, request, session

ISSUER = "{{issuer}}"
REDIRECT_URI = "{{redirect_uri}}"
PATH = urlsplit(REDIRECT_URI).path or "/"

app = Flask(__name__)
# Signs the session cookie. Set it in production, or everybody is signed out at each start.
app.secret_key = os.environ.get("FLASK_SECRET_KEY") or os.urandom(32)
# Cookies know no ports: without a name of its own, two applications on one host share one.
app.config["SESSION_COOKIE_NAME"] = "my_app_session"
app.config["SESSION_COOKIE_SECURE"] = REDIRECT_URI.startswith("https:")
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"

signet = OAuth(app).register(
    "signet",
    client_id="{{client_id}}",
    client_secret=os.environ["OIDC_CLIENT_SECRET"],
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": "{{scope}}", "code_challenge_method": "S256"},
)


@app.get("/")
def home():
    # The redirect URI may be this page: what the server sends back has a state.
    if PATH == "/" and "state" in request.args:
        return callback()
    if "user" in session:
        return {"user": session["user"]}
    session.clear()  # Sign-ins that nobody finished would fill the cookie.
    return signet.authorize_redirect(REDIRECT_URI)


@app.before_request
def one_name():
    # Cookies belong to one name of this machine: go on under that of the redirect URI.
    name = urlsplit(REDIRECT_URI).hostname
    if {request.host.partition(":")[0], name} == {"localhost", "127.0.0.1"}:
        return redirect(urljoin(REDIRECT_URI, "/"))


@app.get("/logout")
def sign_out():
    session.clear()
    # The server asks, and sends the browser back to the redirect URI, without a state.
    query = urlencode({"client_id": signet.client_id, "post_logout_redirect_uri": REDIRECT_URI})
    return redirect(f"{signet.load_server_metadata()['end_session_endpoint']}?{query}")


@app.get(PATH)
def callback():
    if "state" not in request.args:
        return "You are signed out."
    try:
        tokens = signet.authorize_access_token()
    except OAuthError as error:  # Somebody said no, or this browser did not begin.
        abort(400, error.description)
    # The ID token is verified: signature, issuer, audience, expiry and nonce. Names and addresses are at /userinfo.
    user = signet.userinfo(token=tokens)
    if user["sub"] != tokens["userinfo"]["sub"]:
        abort(502)
    # The session is a cookie, and browsers keep no large ones.
    session["user"] = {claim: user[claim] for claim in ("sub", "name", "email") if claim in user}
    return redirect("/")


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=urlsplit(REDIRECT_URI).port or 5000)
