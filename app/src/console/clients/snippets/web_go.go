package main

import (
	"cmp"
	"context"
	"encoding/json"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const issuer = "{{issuer}}"
const redirectURI = "{{redirect_uri}}"

func main() {
	provider, err := oidc.NewProvider(context.Background(), issuer)
	if err != nil {
		log.Fatal(err)
	}
	config := oauth2.Config{
		ClientID:     "{{client_id}}",
		ClientSecret: os.Getenv("OIDC_CLIENT_SECRET"),
		Endpoint:     provider.Endpoint(),
		RedirectURL:  redirectURI,
		Scopes: []string{
			{{scopes}},
		},
	}
	idTokens := provider.Verifier(&oidc.Config{ClientID: config.ClientID})
	callback, err := url.Parse(redirectURI)
	if err != nil {
		log.Fatal(err)
	}
	var server struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&server); err != nil {
		log.Fatal(err)
	}
	home := callback.ResolveReference(&url.URL{Path: "/"}).String()
	secure := callback.Scheme == "https"
	remember := func(w http.ResponseWriter, name, value string) {
		http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 600,
			HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode})
	}

	signIn := func(w http.ResponseWriter, r *http.Request) {
		state, nonce, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
		remember(w, "state", state)
		remember(w, "nonce", nonce)
		remember(w, "verifier", verifier)
		address := config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))
		http.Redirect(w, r, address, http.StatusFound)
	}

	finish := func(w http.ResponseWriter, r *http.Request) {
		state, errState := r.Cookie("state")
		nonce, errNonce := r.Cookie("nonce")
		verifier, errVerifier := r.Cookie("verifier")
		if errState != nil || errNonce != nil || errVerifier != nil || r.FormValue("state") != state.Value {
			http.Error(w, "This sign-in was not begun here.", http.StatusBadRequest)
			return
		}
		if refused := r.FormValue("error"); refused != "" {
			http.Error(w, cmp.Or(r.FormValue("error_description"), refused), http.StatusBadRequest)
			return
		}
		tokens, err := config.Exchange(r.Context(), r.FormValue("code"), oauth2.VerifierOption(verifier.Value))
		if err != nil {
			http.Error(w, "The code was refused.", http.StatusBadGateway)
			return
		}
		raw, _ := tokens.Extra("id_token").(string)
		idToken, err := idTokens.Verify(r.Context(), raw)
		if err != nil || idToken.Nonce != nonce.Value {
			http.Error(w, "The ID token is not valid.", http.StatusBadGateway)
			return
		}
		// The ID token says who it is. Names and addresses are at /userinfo.
		user, err := provider.UserInfo(r.Context(), config.TokenSource(r.Context(), tokens))
		var claims map[string]any
		if err != nil || user.Subject != idToken.Subject || user.Claims(&claims) != nil {
			http.Error(w, "The user cannot be read.", http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(claims)
	}

	signOut := func(w http.ResponseWriter, r *http.Request) {
		// The server asks, and sends the browser back to the redirect URI, without a state.
		query := url.Values{"client_id": {config.ClientID}, "post_logout_redirect_uri": {redirectURI}}
		http.Redirect(w, r, server.EndSession+"?"+query.Encode(), http.StatusFound)
	}

	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		// The redirect URI may be the home page: what the server sends back has a state.
		host, _, _ := strings.Cut(r.Host, ":")
		switch {
		case host != callback.Hostname() && (host == "localhost" || host == "127.0.0.1"):
			// Cookies belong to one name of this machine: go on under that of the redirect URI.
			http.Redirect(w, r, home, http.StatusFound)
		case r.URL.Path == cmp.Or(callback.Path, "/") && r.FormValue("state") != "":
			finish(w, r)
		case r.URL.Path == "/":
			signIn(w, r)
		case r.URL.Path == "/logout":
			signOut(w, r)
		case r.URL.Path == callback.Path:
			w.Write([]byte("You are signed out.\n"))
		default:
			http.NotFound(w, r)
		}
	})

	log.Println("Open", home, "to sign in, and", home+"logout", "to sign out.")
	log.Fatal(http.ListenAndServe("127.0.0.1:"+cmp.Or(callback.Port(), "3000"), nil))
}
