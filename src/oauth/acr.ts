/** The only authentication context so far: a password, level 1 of ISO/IEC 29115. */
export const PASSWORD_ACR = '1'

/** The supported values of `acr` (OpenID Connect Core §2). */
export const acrValues: readonly string[] = [PASSWORD_ACR]
