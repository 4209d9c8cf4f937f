import { UserManager, WebStorageStateStore } from "oidc-client-ts";

const users = new UserManager({
  authority: "{{issuer}}",
  client_id: "{{client_id}}",
  redirect_uri: "{{redirect_uri}}",
  post_logout_redirect_uri: "{{redirect_uri}}",
  scope: "{{scope}}",
  userStore: new WebStorageStateStore({ store: sessionStorage }),
});

/** Call it from a "Sign in" button. */
export function signIn() {
  return users.signinRedirect();
}

/** Call it on the page of the redirect URI. Gives the user: `profile`, `access_token`. */
export function finishSignIn() {
  return users.signinRedirectCallback();
}

/** Call it from a "Sign out" button. Ends the session at the server, too, and comes back to the redirect URI, without a state. */
export function signOut() {
  return users.signoutRedirect();
}

/** Who is signed in, or null. */
export function currentUser() {
  return users.getUser();
}
