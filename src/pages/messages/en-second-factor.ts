import type { Messages } from './messages.ts'

export const secondFactor: Messages['secondFactor'] = {
  title: 'Enter your code',
  lead: (email) => ['Signing in as ', email, '. Open your authenticator app and enter the code that it shows.'],
  code: 'Code',
  codeHint: 'Six digits. Without the app, enter one of your recovery codes.',
  submit: 'Continue',
  cancel: 'Cancel',
  enrol: {
    title: 'Set up two-step sign-in',
    lead: 'From now on, signing in needs your password and a code from an app on your phone.',
    install: 'Install an authenticator app, if you have none. Any will do.',
    scan: 'In the app, add an account and scan this code.',
    qrCode: 'QR code for the authenticator app',
    open: 'On this device? Open the app',
    typeIn: 'Cannot scan it? Type in this key:',
    enter: 'Enter the six digits that the app shows.',
  },
  errors: {
    code: {
      heading: 'The code is not correct',
      text: 'Each code is valid for a short time and only once. Enter the one that the app shows now.',
    },
    passkey: { heading: 'The passkey was not accepted', text: 'Use a passkey of this account, and try again.' },
    missing: { heading: 'Code missing', text: 'Enter the code of your authenticator app.' },
    throttled: { heading: 'Too many attempts', text: 'Try again in a few minutes.' },
    csrf: { heading: 'This page expired', text: 'You are not signed in yet. Enter a code again.' },
  },
}

export const recoveryCodes: Messages['recoveryCodes'] = {
  title: 'Save your recovery codes',
  lead: 'Two-step sign-in is set up. If you lose your phone, sign in with one of these codes instead.',
  advice: 'Print them or save them in a password manager. Each works once, and they are not shown again.',
  proceed: 'I have saved them',
  proceedTo: (client) => ['I have saved them, continue to ', client],
}
