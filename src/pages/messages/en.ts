// `pages/messages` holds the texts of the pages, one file per language, and chooses the language of a page.
// `messages.ts` defines the type that every language must have.
// Error codes and descriptions for developers are in English only; they belong to the code that throws them.

import { passkeys } from './en-passkeys.ts'
import { recovery } from './en-recovery.ts'
import type { KnownScope, Messages, ScopeWords } from './messages.ts'
import { recoveryCodes, secondFactor } from './en-second-factor.ts'

const scopes = {
  openid: { title: 'Confirm who you are', detail: 'An identifier of your account, never your password' },
  profile: { title: 'See your profile', detail: 'Name, picture, language and similar details' },
  email: { title: 'See your email address' },
  phone: { title: 'See your phone number' },
  address: { title: 'See your postal address' },
  roles: { title: 'See your roles', detail: 'What you are allowed to do in your organisation' },
  groups: { title: 'See your teams', detail: 'The teams of your organisation that you belong to' },
  permissions: { title: 'See your permissions', detail: 'Each single action that your roles allow' },
  organisation: { title: 'See your organisation', detail: 'Its name, and that you are a member' },
  offline_access: { title: 'Stay connected while you are away', detail: 'Also after you have signed out here' },
} satisfies Record<KnownScope, ScopeWords>

export const en: Messages = {
  errorPrefix: 'Error',
  newTab: 'opens in a new tab',
  signedInAs: 'Signed in as',
  about: (client) => ['About ', client],
  website: 'Website',
  privacy: 'Privacy policy',
  terms: 'Terms of service',
  login: {
    title: 'Sign in',
    headingFor: (client) => ['Sign in to continue to ', client],
    organisation: (organisation) => ['Use your ', organisation, ' account.'],
    confirm: 'Confirm your password',
    confirmLead: 'Enter your password again to continue.',
    confirmLeadFor: (client) => ['Enter your password again to continue to ', client, '.'],
    email: 'Email address',
    password: 'Password',
    submit: 'Sign in',
    cancel: 'Cancel',
    staySignedIn: 'Stay signed in',
    emailMissing: 'Enter your email address.',
    passwordMissing: 'Enter your password.',
    forgot: 'Forgot your password?',
    errors: {
      credentials: {
        heading: 'Incorrect email or password',
        text: 'Check your email address and your password, and try again.',
      },
      passkey: {
        heading: 'This passkey is not accepted',
        text: 'It may have been removed from your account. Choose another passkey, or sign in with your password.',
      },
      passkeyExpired: { heading: 'This took too long', text: 'Sign in again.' },
      missing: { heading: 'Email or password missing', text: 'Enter your email address and your password.' },
      throttled: {
        heading: 'Too many attempts',
        text: 'Sign-in is temporarily blocked to protect your account. Try again in a few minutes.',
      },
      csrf: { heading: 'This page expired', text: 'You are not signed in yet. Enter your email and password again.' },
      unavailable: {
        heading: 'Your account is blocked',
        text: 'Contact the administrator of your organisation.',
      },
      organisationClosed: {
        heading: 'Your organisation is not available',
        text: 'It is suspended or closed, so no one can sign in to it. Contact its administrator.',
      },
    },
  },
  ...recovery,
  passkeys,
  secondFactor,
  recoveryCodes,
  invitation: {
    title: 'Accept your invitation',
    heading: (organisation) => ['Join ', organisation],
    lead: (organisation) => ['You are invited to join ', organisation, '. Choose a password for your account.'],
    leadBy: (inviter, organisation) => [
      inviter,
      ' invites you to join ',
      organisation,
      '. Choose a password for your account.',
    ],
    email: 'Email address',
    givenName: 'First name',
    familyName: 'Last name',
    password: 'New password',
    passwordHint: 'Use a long one that you have nowhere else.',
    submit: 'Create account',
    errors: {
      missing: { heading: 'Something is missing', text: 'Enter your names and a password.' },
      password: {
        heading: 'Choose another password',
        text: 'It is too short, too common, or lacks a kind of character that your organisation requires.',
      },
      throttled: { heading: 'Too many attempts', text: 'Try again in a few minutes.' },
      csrf: { heading: 'This page expired', text: 'Your account is not created yet. Enter your password again.' },
      taken: {
        heading: 'You have an account already',
        text: 'An account with this email address was created after the invitation. Sign in with it.',
      },
    },
    unavailable: {
      heading: 'This invitation is not valid any more',
      text: 'It has expired, was used, or was revoked. Ask the person who invited you for another one.',
    },
  },
  selectAccount: {
    title: 'Choose an account',
    lead: (client) => ['to continue to ', client],
    proceed: 'Continue with this account',
    useAnother: 'Use another account',
  },
  consent: {
    title: 'Allow access',
    heading: (client) => ['Allow ', client, ' to use your account?'],
    scopesHeading: (client) => [client, ' will be able to:'],
    noScopes: (client) => [client, ' does not request any of your data.'],
    resourceHeading: (resource) => ['In ', resource, ':'],
    resourceAccess: 'Use it with your account',
    redirectNotice: (host) => ['You will be sent to ', host, '.'],
    appNotice: (scheme) => ['You will be sent to an app on this device, the one that opens ', scheme, ' links.'],
    deviceNotice: (address) => [
      'A device at the address ',
      address,
      ' requests access. Allow it only if you have this device in front of you and started this yourself.',
    ],
    published: {
      lead: 'This application is published at',
      unverified: 'Its name is not verified. Allow access only if you know and trust this address.',
      loopbackOnly: {
        heading: 'This application runs on your device',
        text: 'Another program on your device could pretend to be this application. Allow access only if you just started it yourself.',
      },
    },
    allow: 'Allow',
    deny: 'Deny',
    scopes,
  },
  device: {
    title: 'Connect a device',
    lead: 'Enter the code shown on your device.',
    compare: 'Continue only if your device shows exactly this code.',
    code: 'Code',
    warning: 'Enter only a code that your own device shows. Never enter a code that someone sent you.',
    submit: 'Continue',
    errors: {
      unknown: {
        heading: 'Invalid code',
        text: 'The code is wrong or has expired. Check it, or get a new code on your device.',
      },
      throttled: {
        heading: 'Too many attempts',
        text: 'Wait a few minutes before you try another code.',
      },
      csrf: { heading: 'This page expired', text: 'The device is not connected yet. Enter the code again.' },
    },
    outcomes: {
      approved: {
        title: 'Your device is connected',
        lead: (client) => ['Continue with ', client, ' on your device. You can close this window.'],
      },
      denied: {
        title: 'Your device is not connected',
        lead: (client) => ['You denied access to ', client, '. You can close this window.'],
      },
      unusable: {
        title: 'This code is no longer valid',
        lead: (client) => [
          'It has expired, or was used in another browser. Start again with ',
          client,
          ' on your device.',
        ],
      },
    },
  },
  logout: {
    title: 'Do you want to sign out?',
    lead: 'Applications may then ask you to sign in again.',
    leadFor: (client) => [client, ' wants to sign you out. Other applications may then ask you to sign in again.'],
    submit: 'Sign out',
    stay: 'Stay signed in',
  },
  signedOut: {
    title: 'You are signed out',
    lead: 'You can close this window.',
    signingOutOfApps: 'You are being signed out of your applications as well.',
    proceed: 'Continue',
    proceedTo: (client) => ['Continue to ', client],
  },
  home: {
    title: 'Sign-in server',
    lead: 'Applications send you here to sign in. To use one of them, open the application itself.',
    signIn: 'Sign in, or sign out',
    api: 'API reference, for developers',
    metadata: 'Metadata (OpenID Connect Discovery), for developers',
  },
  signedIn: {
    title: 'You are signed in',
    lead: (organisation) => ['Applications of ', organisation, ' will not ask for your password until you sign out.'],
    signOut: 'Sign out',
  },
  formPost: {
    title: 'Returning to the application',
    lead: (host) => ['You are being sent back to ', host, '. If nothing happens, select Continue.'],
    submit: 'Continue',
  },
  logoutResubmit: { title: 'Signing out', lead: 'If nothing happens, select Continue.', submit: 'Continue' },
  error: {
    developer: 'For the developer',
    code: 'Code',
    description: 'Description',
    reference: 'Reference',
    continueTo: (destination) => `Continue to ${destination}`,
    invalidRequest: {
      heading: 'Something is wrong with this request',
      text: 'The application that sent you here made an invalid request. Your account is not affected. Go back to the application and try again. If this error appears again, contact the application’s developer.',
    },
    forbidden: {
      heading: 'You don’t have access',
      text: 'Your account does not have access, or the page that you came from is not allowed to do this. If you need access, contact your administrator.',
    },
    notFound: {
      heading: 'Page not found',
      text: 'The page may have moved, or the link may be incomplete. Go back to the application and start again.',
    },
    cookiesBlocked: {
      heading: 'Cookies are needed to sign in',
      text: 'Your browser blocks cookies of this site, or you started in another browser. Allow cookies, go back to the application and start again.',
    },
    alreadyCompleted: {
      heading: 'All done',
      text: 'You have completed this step, and the application has your answer. Continue in the application. You can close this page.',
    },
    expired: {
      heading: 'This page has expired',
      text: 'It was open for too long, or you completed it in another window. Go back to the application and start again.',
    },
    throttled: {
      heading: 'Too many requests',
      text: 'Wait a few minutes, and try again.',
    },
    unavailable: {
      heading: 'Temporarily unavailable',
      text: 'The service is not available at the moment. Try again in a few minutes.',
    },
    server: {
      heading: 'Something went wrong',
      text: 'Your account is not affected. Try again. If this error appears again, send your administrator the reference below.',
    },
  },
}
