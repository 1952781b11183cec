import { formatTime } from './dates.ts'
import type { MailMessages } from './mail-content.ts'

export const en: MailMessages = {
  addressOfButton: 'If the button does not work, open this address in your browser:',
  sentBy: (organisation, server) => `Sent for ${organisation} by ${server}.`,
  templates: {
    invitation: ({ organisation, invitedBy, link, expiresAt }) => ({
      subject: `Invitation to ${organisation}`,
      heading: `Join ${organisation}`,
      paragraphs: [
        invitedBy === null
          ? `You are invited to join ${organisation}.`
          : `${invitedBy} invites you to join ${organisation}.`,
        'Open the invitation, and choose a password for your account.',
      ],
      button: { label: 'Open the invitation', link },
      notes: [
        `The invitation can be accepted once, until ${formatTime('en', expiresAt)}.`,
        'If you did not expect it, ignore this mail. No account is created without you.',
      ],
    }),
    welcome: ({ organisation, link }) => ({
      subject: `Welcome to ${organisation}`,
      heading: `Welcome to ${organisation}`,
      paragraphs: ['Your account is ready. You sign in with this e-mail address and the password that you chose.'],
      button: { label: 'Sign in', link },
      notes: ['If you did not create this account, contact the administrator of the organisation.'],
    }),
    password_reset: ({ organisation, link, code }) => ({
      subject: 'Choose another password',
      heading: 'Choose another password',
      paragraphs: [`A new password was requested for your account at ${organisation}. Open the page, and choose one.`],
      button: { label: 'Choose another password', link },
      code: { label: 'Or type this code where you asked for it:', value: code },
      notes: [
        'The link and the code work once, for one hour.',
        'If you did not ask for a new password, ignore this mail. Your password stays as it is.',
      ],
    }),
    password_changed: ({ organisation, link, changedAt }) => ({
      subject: 'Your password was changed',
      heading: 'Your password was changed',
      paragraphs: [
        `The password of your account at ${organisation} was changed on ${formatTime('en', changedAt)}.`,
        'If it was you, you need not do anything.',
        'If it was not you, close the account to everyone who uses it: all sessions and API keys end, and you choose another password.',
      ],
      button: { label: 'It was not me', link },
      notes: ['The link works once, for seven days.'],
    }),
    second_factor_changed: ({ organisation, added, link, changedAt }) => ({
      subject: added ? 'An authenticator app was set up' : 'Your authenticator app was removed',
      heading: added ? 'An authenticator app was set up' : 'Your authenticator app was removed',
      paragraphs: [
        added
          ? `Signing in to your account at ${organisation} needs a code of this app since ${formatTime('en', changedAt)}.`
          : `Signing in to your account at ${organisation} needs only the password since ${formatTime('en', changedAt)}.`,
        'If it was you, you need not do anything.',
        'If it was not you, close the account to everyone who uses it: all sessions and API keys end, and you choose another password.',
      ],
      button: { label: 'It was not me', link },
      notes: ['The link works once, for seven days.'],
    }),
    passkey_changed: ({ organisation, name, added, link, changedAt }) => ({
      subject: added ? 'A passkey was added to your account' : 'A passkey was removed from your account',
      heading: added ? 'A passkey was added' : 'A passkey was removed',
      paragraphs: [
        added
          ? `The passkey “${name}” signs in to your account at ${organisation} since ${formatTime('en', changedAt)}.`
          : `The passkey “${name}” does not sign in to your account at ${organisation} any more. It was removed at ${formatTime('en', changedAt)}.`,
        'If it was you, you need not do anything.',
        'If it was not you, close the account to everyone who uses it: all sessions and API keys end, all passkeys are removed, and you choose another password.',
      ],
      button: { label: 'It was not me', link },
      notes: ['The link works once, for seven days.'],
    }),
    email_verification: ({ organisation, link, code }) => ({
      subject: 'Confirm your e-mail address',
      heading: 'Confirm your e-mail address',
      paragraphs: [`Confirm that this is the address of your account at ${organisation}.`],
      button: { label: 'Confirm the address', link },
      code: { label: 'Or type this code where you are asked for it:', value: code },
      notes: [
        'The link and the code work once, for 24 hours.',
        'If you did not create an account, ignore this mail. Without your confirmation the account cannot be used.',
      ],
    }),
    account_exists: ({ organisation, link }) => ({
      subject: 'You have an account already',
      heading: 'You have an account already',
      paragraphs: [
        `A new account was requested for this address, which has an account at ${organisation}. Nothing was created.`,
        'If it was you, sign in with your account, or choose another password.',
      ],
      button: { label: 'Choose another password', link },
      notes: ['If it was not you, you need not do anything.'],
    }),
    email_change: ({ organisation, link }) => ({
      subject: 'Confirm your new e-mail address',
      heading: 'Confirm your new e-mail address',
      paragraphs: [`This becomes the address of your account at ${organisation} when you confirm it.`],
      button: { label: 'Confirm the new address', link },
      notes: [
        'The link works once, for 24 hours.',
        'If you did not ask for this, ignore this mail. Nothing changes without your confirmation.',
      ],
    }),
    email_changed: ({ organisation, email, link }) => ({
      subject: 'Your e-mail address was changed',
      heading: 'Your e-mail address was changed',
      paragraphs: [
        `Your account at ${organisation} has another address now: ${email}.`,
        'If it was you, you need not do anything.',
        'If it was not you, undo the change: the account gets this address again, all sessions and API keys end, and you choose another password.',
      ],
      button: { label: 'Undo the change', link },
      notes: ['The link works once, for 72 hours.'],
    }),
    api_key_expires: ({ organisation, name, prefix, expiresAt }) => ({
      subject: `API key expires soon: ${name}`,
      heading: 'An API key expires soon',
      paragraphs: [
        `Your API key ${name} at ${organisation} expires on ${formatTime('en', expiresAt)}.`,
        'If a program still uses it, rotate the key, and give the program the new one before then.',
      ],
      notes: [`The key begins with ${prefix}.`, 'If no program uses it, you need not do anything.'],
    }),
    test: ({ organisation, server }) => ({
      subject: 'Test of the mail settings',
      heading: 'Mail works',
      paragraphs: [`This is a test mail of ${server} for ${organisation}. You can delete it.`],
      notes: ['An administrator requested it for their own address.'],
    }),
  },
}
