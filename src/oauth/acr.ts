/** The one authentication context that there is: a password, level 1 of ISO/IEC 29115. */
export const PASSWORD_ACR = '1'

/** The values of `acr` that a request can have met (OpenID Connect Core §2). */
export const acrValues: readonly string[] = [PASSWORD_ACR]
