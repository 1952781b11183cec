// The words of the pages, one file for each language. This one, the English, says what the others must have.

import type { ComponentChildren } from 'preact'

/** A phrase around names that the page marks up (bold, isolated); the order of words belongs to the language. */
type Phrase = (name: ComponentChildren) => ComponentChildren

/** What a scope lets an application do, and a second line where that is not the whole story. */
export interface ScopeWords {
  title: string
  detail?: string
}

const scopes = {
  openid: { title: 'Confirm that it is you', detail: 'An identifier for your account, never your password' },
  profile: { title: 'See your profile', detail: 'Name, picture, language and similar details' },
  email: { title: 'See your email address' },
  phone: { title: 'See your phone number' },
  address: { title: 'See your postal address' },
  roles: { title: 'See your roles', detail: 'What you are allowed to do in your organisation' },
  organisation: { title: 'See your organisation', detail: 'Its name, and that you belong to it' },
  offline_access: { title: 'Stay connected while you are away', detail: 'Also after you have signed out here' },
} satisfies Record<string, ScopeWords>

export type KnownScope = keyof typeof scopes

interface HeadingAndText {
  heading: string
  text: string
}

export interface Messages {
  errorPrefix: string
  newTab: string
  signedInAs: string
  about: Phrase
  website: string
  privacy: string
  terms: string
  login: {
    title: string
    headingFor: Phrase
    organisation: Phrase
    confirm: string
    confirmLead: string
    confirmLeadFor: Phrase
    email: string
    password: string
    submit: string
    cancel: string
    emailMissing: string
    passwordMissing: string
    errors: Record<'credentials' | 'missing' | 'throttled' | 'csrf' | 'unavailable', HeadingAndText>
  }
  selectAccount: { title: string; lead: Phrase; proceed: string; another: string }
  consent: {
    title: string
    heading: Phrase
    able: Phrase
    nothing: Phrase
    sentTo: Phrase
    device: Phrase
    published: { lead: string; unverified: string; onDevice: HeadingAndText }
    allow: string
    deny: string
    scopes: Record<KnownScope, ScopeWords>
  }
  device: {
    title: string
    lead: string
    compare: string
    code: string
    warning: string
    submit: string
    errors: Record<'unknown' | 'throttled' | 'csrf', HeadingAndText>
    outcomes: Record<'approved' | 'denied' | 'unusable', { title: string; lead: Phrase }>
  }
  logout: { title: string; lead: string; leadFor: Phrase; submit: string; stay: string }
  signedOut: { title: string; lead: string; telling: string; proceed: string; proceedTo: Phrase }
  signedIn: { title: string; lead: Phrase; signOut: string }
  formPost: { title: string; lead: Phrase; submit: string }
  error: {
    developer: string
    code: string
    description: string
    reference: string
    request: HeadingAndText
    forbidden: HeadingAndText
    missing: HeadingAndText
    expired: HeadingAndText
    throttled: HeadingAndText
    unavailable: HeadingAndText
    server: HeadingAndText
  }
}

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
    confirm: 'Please confirm it is you',
    confirmLead: 'Enter your password again to continue.',
    confirmLeadFor: (client) => ['Enter your password again to continue to ', client, '.'],
    email: 'Email address',
    password: 'Password',
    submit: 'Sign in',
    cancel: 'Cancel',
    emailMissing: 'Enter your email address.',
    passwordMissing: 'Enter your password.',
    errors: {
      credentials: {
        heading: 'That did not match',
        text: 'The email address or the password is not right. Please check both and try again.',
      },
      missing: { heading: 'Something is missing', text: 'Please fill in your email address and your password.' },
      throttled: {
        heading: 'Too many attempts',
        text: 'To protect the account, signing in is paused. Please try again in a few minutes.',
      },
      csrf: { heading: 'This page had expired', text: 'Nothing was sent. Please sign in once more.' },
      unavailable: {
        heading: 'This account cannot be used',
        text: 'It is blocked for now. Please ask the administrator of your organisation.',
      },
    },
  },
  selectAccount: {
    title: 'Choose an account',
    lead: (client) => ['to continue to ', client],
    proceed: 'Continue with this account',
    another: 'Use another account',
  },
  consent: {
    title: 'Allow access',
    heading: (client) => ['Allow ', client, ' to use your account?'],
    able: (client) => [client, ' will be able to:'],
    nothing: (client) => [client, ' asks for none of your details.'],
    sentTo: (host) => ['You will be sent to ', host, '.'],
    device: (address) => [
      'A device at the address ',
      address,
      ' asks for this. Allow it only if you have it in front of you and started this yourself.',
    ],
    published: {
      lead: 'This application is published at',
      unverified: 'Whoever runs this address chose the name. Allow it only if you know and trust the address.',
      onDevice: {
        heading: 'An application on your own device',
        text: 'Any program on your device could pretend to be it. Allow it only if you have just started it yourself.',
      },
    },
    allow: 'Allow',
    deny: 'Deny',
    scopes,
  },
  device: {
    title: 'Connect a device',
    lead: 'Enter the code that your device shows.',
    compare: 'Go on only if your device shows exactly this code.',
    code: 'Code',
    warning: 'Nobody but your own device has a reason to give you a code. Never enter one that somebody sent you.',
    submit: 'Continue',
    errors: {
      unknown: {
        heading: 'This code is not known',
        text: 'It may have expired, or a letter may be wrong. Please look at your device again; it can show you a new code.',
      },
      throttled: {
        heading: 'Too many attempts',
        text: 'Please wait a few minutes before you try another code.',
      },
      csrf: { heading: 'This page had expired', text: 'Nothing was sent. Please enter the code once more.' },
    },
    outcomes: {
      approved: {
        title: 'Your device is connected',
        lead: (client) => ['Go on at your device with ', client, '. You can close this window now.'],
      },
      denied: {
        title: 'Your device is not connected',
        lead: (client) => ['You did not allow ', client, ' anything. You can close this window now.'],
      },
      unusable: {
        title: 'This code cannot be used any more',
        lead: (client) => [
          'It has expired, or it was used in another browser. Start again at your device with ',
          client,
          '.',
        ],
      },
    },
  },
  logout: {
    title: 'Do you want to sign out?',
    lead: 'Applications that use this sign-in may ask you to sign in again.',
    leadFor: (client) => [client, ' asks to sign you out. Other applications may ask you to sign in again.'],
    submit: 'Sign out',
    stay: 'Stay signed in',
  },
  signedOut: {
    title: 'You are signed out',
    lead: 'You can close this window now.',
    telling: 'The applications that you used are being signed out too.',
    proceed: 'Continue',
    proceedTo: (client) => ['Continue to ', client],
  },
  signedIn: {
    title: 'You are signed in',
    lead: (organisation) => [
      'Applications of ',
      organisation,
      ' can now sign you in without asking for your password.',
    ],
    signOut: 'Sign out',
  },
  formPost: {
    title: 'One moment, please',
    lead: (host) => ['You are being sent back to ', host, '. If nothing happens, press the button.'],
    submit: 'Continue',
  },
  error: {
    developer: 'For the developer',
    code: 'Code',
    description: 'Description',
    reference: 'Reference',
    request: {
      heading: 'We cannot continue from here',
      text: 'The application that sent you here asked for something that we cannot answer safely. Nothing has happened to your account. Please go back to the application and try again; if this page returns, its makers need to know.',
    },
    forbidden: {
      heading: 'This is not open to you',
      text: 'The account or the page you came from may not do this. If you think it should, please ask your administrator.',
    },
    missing: {
      heading: 'There is nothing at this address',
      text: 'The page may have moved, or the link may be incomplete. Please go back to the application and start again.',
    },
    expired: {
      heading: 'This page has expired',
      text: 'It was open for too long, or was finished elsewhere. Please go back to the application and start again.',
    },
    throttled: {
      heading: 'Please wait a moment',
      text: 'Many requests arrived in a short time. Please try again in a few minutes.',
    },
    unavailable: {
      heading: 'We will be back shortly',
      text: 'The service is not available at the moment. Please try again in a few minutes.',
    },
    server: {
      heading: 'Something went wrong on our side',
      text: 'Your account is safe. Please try again; if this page returns, tell your administrator the reference below.',
    },
  },
}
