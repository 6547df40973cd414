"""An OAuth 2.0 server that is not Microsoft's, made of Authlib, for one client.

It grants access tokens by client credentials (RFC 6749 section 4.4) to a client that shows its secret in the form
(client_secret_post) or an assertion that its certificate's key has signed (private_key_jwt, RFC 7523 section 2.2).

    server.py PORT CLIENT_ID SECRET CERTIFICATE.pem
"""

import sys

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from flask import Flask, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

port, client_id, secret, certificate = sys.argv[1:]
token_path = "/contoso.example/oauth2/v2.0/token"
token_url = f"http://127.0.0.1:{port}{token_path}"


class Client(ClientMixin):
    """The one client that is registered here."""

    scope = "http://127.0.0.1:1/.default"

    def get_client_id(self):
        return client_id

    def get_allowed_scope(self, scope):
        return scope if scope == self.scope else ""

    def check_client_secret(self, given):
        return given == secret

    def check_endpoint_auth_method(self, method, endpoint):
        return endpoint == "token" and method in ("client_secret_post", "private_key_jwt")

    def check_grant_type(self, grant_type):
        return grant_type == "client_credentials"


class Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_post", "private_key_jwt"]


class SignedAssertion(JWTBearerClientAssertion):
    CLIENT_AUTH_METHOD = "private_key_jwt"
    seen = set()

    def get_audiences(self):
        return [token_url]

    def validate_jti(self, claims, jti):
        is_new = jti not in self.seen
        self.seen.add(jti)
        return is_new

    def resolve_client_public_key(self, client):
        with open(certificate, "rb") as file:
            return RSAKey.import_key(file.read())

    def process_assertion_claims(self, assertion, resolve_key):
        # As in the library, but for the one algorithm that Entra's documentation names, and no other.
        try:
            token = jwt.decode(assertion, resolve_key, algorithms=["PS256"])
        except JoseError as error:
            raise InvalidClientError(description=str(error)) from error
        self.verify_claims(token.claims)
        return token.claims


def find(given):
    return Client() if given == client_id else None


app = Flask(__name__)
server = AuthorizationServer(app, query_client=find, save_token=lambda token, asked: None)
server.register_grant(Grant)
server.register_client_auth_method(SignedAssertion.CLIENT_AUTH_METHOD, SignedAssertion())


@app.post(token_path)
def token():
    answer = server.create_token_response()
    how = "client_assertion" if "client_assertion" in request.form else "client_secret"
    print(f"{how} {answer.status_code}", flush=True)
    return answer


app.run("127.0.0.1", int(port))
