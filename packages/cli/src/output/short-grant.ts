const shortGrants: Readonly<Record<string, string>> = {
  authorization_code: 'code',
  refresh_token: 'refresh',
  client_credentials: 'machine',
}

/** The short name of a grant type for lists. A URN is shortened to its last part: `device`. */
export const shortGrant = (name: string): string => shortGrants[name] ?? name.replace(/^.*:/, '').replace(/_code$/, '')
