import { parameter } from './message.ts'

/**
 * The parameters by which a client authenticates in the form (RFC 6749 §2.3.1, RFC 7521 §4.2). Every form of an endpoint
 * that authenticates clients may hold them; `clients/authentication` reads them before the message is parsed.
 */
export const clientCredentials = {
  client_id: parameter(
    'Identifies a public client, and a confidential client that sends its secret or an assertion in the form.',
  ).optional(),
  client_secret: parameter('The client secret, for the method client_secret_post.').optional(),
  client_assertion_type: parameter('The kind of client_assertion.', {
    values: ['urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
  }).optional(),
  client_assertion: parameter(
    'A JWT signed by the client, for the methods private_key_jwt and client_secret_jwt (RFC 7523 section 2.2).',
  ).optional(),
}
