/** The Markdown that opens the API reference. It starts with how a caller authenticates. */
export const apiIntroduction = `## How to authenticate

| Endpoints | Credentials |
|---|---|
| \`/oauth2/token\`, \`/oauth2/par\`, \`/oauth2/revoke\`, \`/oauth2/introspect\`, \`/oauth2/device_authorization\` | The client: its id and secret with HTTP Basic, or the method that it is registered for. A public client sends \`client_id\` in the form. |
| \`/oauth2/userinfo\` | An access token with the scope \`openid\`. |
| \`/v1/me\`, \`/v1/admin\` | The session cookie of a signed-in user, or an access token: \`Authorization: Bearer …\`. |
| \`/oauth2/register\` | An initial access token, if the organisation requires one. |
| Others | None. |

To try requests on this page, sign in at [/auth/login](/auth/login): the browser then sends the session cookie. Or choose **Authorize** and enter an access token, or the id and secret of a client.

## Formats

Request bodies under \`/oauth2\` are forms, and responses are JSON. Under \`/v1\` both are JSON, and errors are \`application/problem+json\` (RFC 9457).
`
