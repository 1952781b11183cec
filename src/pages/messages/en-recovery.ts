import type { RecoveryMessages } from './recovery-messages.ts'

export const recovery: RecoveryMessages = {
  forgotPassword: {
    title: 'Forgot your password?',
    lead: 'Enter your email address. If it has an account, you get a mail with a link to choose another password.',
    email: 'Email address',
    submit: 'Send the link',
    noMail: 'This server sends no mail. Ask the administrator of your organisation for another password.',
    errors: {
      missing: { heading: 'Email address missing', text: 'Enter your email address, such as ada@example.com.' },
      throttled: { heading: 'Too many attempts', text: 'Try again in a few minutes.' },
      csrf: { heading: 'This page expired', text: 'No mail was sent yet. Send the form again.' },
    },
  },
  resetCode: {
    title: 'Check your mail',
    lead: (email) => ['If ', email, ' has an account, a mail is on its way. Open the link in it, or enter its code.'],
    code: 'Code',
    hint: 'Eight letters. Case, spaces and dashes do not matter.',
    submit: 'Continue',
    nothing: 'No mail after a few minutes? Look in your spam folder, and check the address.',
    errors: {
      code: {
        heading: 'Invalid code',
        text: 'The code is wrong, has expired, or belongs to an older mail. Check it, or ask for another mail.',
      },
      throttled: { heading: 'Too many attempts', text: 'Try again in a few minutes.' },
      csrf: { heading: 'This page expired', text: 'Enter the code again.' },
    },
  },
  resetPassword: {
    title: 'Choose another password',
    lead: 'You will be signed out on all devices, and can then sign in with the new password.',
    otherBrowser:
      'You started on another device or in another browser. You can continue here. If you did not ask for a new password, close this page.',
    email: 'Email address',
    password: 'New password',
    passwordHint: 'Use a long one that you have nowhere else.',
    apiKeys: 'These API keys give access to your account as well. They keep working, unless you end them.',
    revokeApiKeys: 'End these API keys',
    passkeys: 'These passkeys sign in to your account as well. They keep working, unless you remove them.',
    removePasskeys: 'Remove these passkeys',
    submit: 'Set password',
    errors: {
      password: {
        heading: 'Choose another password',
        text: 'It is too short, too common, or lacks a kind of character that your organisation requires.',
      },
      throttled: { heading: 'Too many attempts', text: 'Try again in a few minutes.' },
      csrf: { heading: 'This page expired', text: 'Your password is not changed yet. Enter it again.' },
    },
    done: {
      heading: 'Your password is changed',
      text: 'You are signed out on all devices. Sign in with the new password.',
      signIn: 'Sign in',
    },
  },
  secureAccount: {
    heading: 'Close your account to others',
    text: 'Your present password stops working, and all sessions and API keys end. Then you choose another password.',
    submit: 'End everything and choose a password',
    errors: { csrf: { heading: 'This page expired', text: 'Nothing has ended yet. Send the form again.' } },
  },
  verifyEmail: {
    title: 'Confirm your email address',
    lead: (email, organisation) => ['Is ', email, ' the address of your account at ', organisation, '?'],
    enterCode: 'Enter the code of your mail',
    email: 'Email address',
    code: 'Code',
    hint: 'Eight letters. Case, spaces and dashes do not matter.',
    submit: 'Confirm the address',
    errors: {
      code: { heading: 'Invalid code', text: 'The code is wrong, has expired, or belongs to an older mail.' },
      csrf: { heading: 'This page expired', text: 'The address is not confirmed yet. Send the form again.' },
    },
    done: { heading: 'Your address is confirmed', text: 'You can sign in with it.', signIn: 'Sign in' },
  },
  emailChange: {
    confirm: {
      title: 'Confirm your new email address',
      lead: (from, to) => ['Your account ', from, ' gets the address ', to, '. Your other sessions end.'],
      submit: 'Confirm the new address',
    },
    undo: {
      title: 'Undo the change of your address',
      lead: (from, to) => [
        'Your account ',
        from,
        ' gets the address ',
        to,
        ' again. Your present password stops working, and all sessions and API keys end. Then you choose another password.',
      ],
      submit: 'Undo the change',
    },
    done: {
      title: 'Your address is changed',
      lead: (email) => ['From now on, you sign in with ', email, '. You can close this page.'],
    },
    taken: {
      heading: 'This address is taken',
      text: 'Another account has this email address by now. Your account is not changed. Use another address.',
    },
  },
  linkUnavailable: {
    heading: 'This link is not valid any more',
    text: 'It was used, has expired, or was replaced by the link in a newer mail. Ask for another one.',
  },
  joinOrganisation: {
    title: 'Join with your account',
    heading: (organisation) => ['Join ', organisation, ' with your account'],
    lead: (organisation) => ['Administrators of ', organisation, ' will see your name and email address.'],
    leadSignIn: (email) => ['You have an account with the email address ', email, '. Sign in with it to join.'],
    signIn: 'Sign in',
    submit: 'Join',
    done: { title: 'You have joined', lead: (organisation) => ['You are a member of ', organisation, ' now.'] },
    errors: {
      csrf: { heading: 'This page expired', text: 'You have not joined yet. Try again.' },
      member: { heading: 'You are a member already', text: 'Your account belongs to this organisation.' },
    },
  },
}
