curl --fail-with-body -sS '{{issuer}}/token' \
  -u '{{client_id}}':"$OIDC_CLIENT_SECRET" \
  -d grant_type=client_credentials
