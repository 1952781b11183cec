import type { RecoveryMessages } from './recovery-messages.ts'

export const recovery: RecoveryMessages = {
  forgotPassword: {
    title: 'Passwort vergessen?',
    lead: 'Geben Sie Ihre E-Mail-Adresse ein. Wenn es dafür ein Konto gibt, erhalten Sie eine E-Mail mit einem Link, um ein neues Passwort zu wählen.',
    email: 'E-Mail-Adresse',
    submit: 'Link senden',
    noMail:
      'Dieser Server versendet keine E-Mails. Bitten Sie die Administration Ihrer Organisation um ein neues Passwort.',
    errors: {
      missing: {
        heading: 'E-Mail-Adresse fehlt',
        text: 'Geben Sie Ihre E-Mail-Adresse ein, zum Beispiel ada@example.com.',
      },
      throttled: { heading: 'Zu viele Versuche', text: 'Versuchen Sie es in einigen Minuten noch einmal.' },
      csrf: {
        heading: 'Diese Seite ist abgelaufen',
        text: 'Es wurde noch keine E-Mail gesendet. Senden Sie das Formular noch einmal.',
      },
    },
  },
  resetCode: {
    title: 'Sehen Sie in Ihre E-Mails',
    lead: (email) => [
      'Wenn es für ',
      email,
      ' ein Konto gibt, ist eine E-Mail unterwegs. Öffnen Sie den Link darin, oder geben Sie den Code ein.',
    ],
    code: 'Code',
    hint: 'Acht Buchstaben. Groß oder klein, Leerzeichen und Striche sind gleichgültig.',
    submit: 'Weiter',
    nothing: 'Nach einigen Minuten noch keine E-Mail? Sehen Sie im Spam-Ordner nach, und prüfen Sie die Adresse.',
    errors: {
      code: {
        heading: 'Ungültiger Code',
        text: 'Der Code ist falsch, abgelaufen, oder aus einer älteren E-Mail. Prüfen Sie ihn, oder fordern Sie eine neue E-Mail an.',
      },
      throttled: { heading: 'Zu viele Versuche', text: 'Versuchen Sie es in einigen Minuten noch einmal.' },
      csrf: { heading: 'Diese Seite ist abgelaufen', text: 'Geben Sie den Code noch einmal ein.' },
    },
  },
  resetPassword: {
    title: 'Neues Passwort wählen',
    lead: 'Sie werden auf allen Geräten abgemeldet. Danach melden Sie sich mit dem neuen Passwort an.',
    otherBrowser:
      'Sie haben auf einem anderen Gerät oder in einem anderen Browser begonnen. Sie können hier fortfahren. Wenn Sie kein neues Passwort angefordert haben, schließen Sie diese Seite.',
    email: 'E-Mail-Adresse',
    password: 'Neues Passwort',
    passwordHint: 'Nehmen Sie ein langes, das Sie sonst nirgends verwenden.',
    apiKeys: 'Auch diese API-Schlüssel geben Zugang zu Ihrem Konto. Sie gelten weiter, wenn Sie sie nicht beenden.',
    revokeApiKeys: 'Diese API-Schlüssel beenden',
    passkeys:
      'Auch mit diesen Passkeys kann man sich bei Ihrem Konto anmelden. Sie gelten weiter, wenn Sie sie nicht entfernen.',
    removePasskeys: 'Diese Passkeys entfernen',
    submit: 'Passwort setzen',
    errors: {
      password: {
        heading: 'Wählen Sie ein anderes Passwort',
        text: 'Es ist zu kurz, wird zu oft verwendet, oder ihm fehlt eine Art von Zeichen, die Ihre Organisation verlangt.',
      },
      throttled: { heading: 'Zu viele Versuche', text: 'Versuchen Sie es in einigen Minuten noch einmal.' },
      csrf: {
        heading: 'Diese Seite ist abgelaufen',
        text: 'Ihr Passwort ist noch nicht geändert. Geben Sie es noch einmal ein.',
      },
    },
    done: {
      heading: 'Ihr Passwort ist geändert',
      text: 'Sie sind auf allen Geräten abgemeldet. Melden Sie sich mit dem neuen Passwort an.',
      signIn: 'Anmelden',
    },
  },
  secureAccount: {
    heading: 'Andere aus Ihrem Konto aussperren',
    text: 'Ihr jetziges Passwort gilt nicht mehr, und alle Sitzungen und API-Schlüssel enden. Danach wählen Sie ein neues Passwort.',
    submit: 'Alles beenden und Passwort wählen',
    errors: {
      csrf: {
        heading: 'Diese Seite ist abgelaufen',
        text: 'Noch ist nichts beendet. Senden Sie das Formular noch einmal.',
      },
    },
  },
  verifyEmail: {
    title: 'E-Mail-Adresse bestätigen',
    lead: (email, organisation) => ['Ist ', email, ' die Adresse Ihres Kontos bei ', organisation, '?'],
    enterCode: 'Code aus der E-Mail eingeben',
    email: 'E-Mail-Adresse',
    code: 'Code',
    hint: 'Acht Buchstaben. Groß oder klein, Leerzeichen und Striche sind gleichgültig.',
    submit: 'Adresse bestätigen',
    errors: {
      code: { heading: 'Ungültiger Code', text: 'Der Code ist falsch, abgelaufen, oder aus einer älteren E-Mail.' },
      csrf: {
        heading: 'Diese Seite ist abgelaufen',
        text: 'Die Adresse ist noch nicht bestätigt. Senden Sie das Formular noch einmal.',
      },
    },
    done: { heading: 'Ihre Adresse ist bestätigt', text: 'Sie können sich damit anmelden.', signIn: 'Anmelden' },
  },
  emailChange: {
    confirm: {
      title: 'Neue E-Mail-Adresse bestätigen',
      lead: (from, to) => ['Ihr Konto ', from, ' erhält die Adresse ', to, '. Ihre anderen Sitzungen enden.'],
      submit: 'Neue Adresse bestätigen',
    },
    undo: {
      title: 'Änderung Ihrer Adresse rückgängig machen',
      lead: (from, to) => [
        'Ihr Konto ',
        from,
        ' erhält wieder die Adresse ',
        to,
        '. Ihr jetziges Passwort gilt nicht mehr, und alle Sitzungen und API-Schlüssel enden. Danach wählen Sie ein neues Passwort.',
      ],
      submit: 'Rückgängig machen',
    },
    done: {
      title: 'Ihre Adresse ist geändert',
      lead: (email) => ['Ab jetzt melden Sie sich mit ', email, ' an. Sie können diese Seite schließen.'],
    },
    taken: {
      heading: 'Diese Adresse ist vergeben',
      text: 'Inzwischen hat ein anderes Konto diese E-Mail-Adresse. Ihr Konto ist nicht geändert. Verwenden Sie eine andere.',
    },
  },
  linkUnavailable: {
    heading: 'Dieser Link gilt nicht mehr',
    text: 'Er wurde benutzt, ist abgelaufen, oder wurde durch den Link in einer neueren E-Mail ersetzt. Fordern Sie einen neuen an.',
  },
  joinOrganisation: {
    title: 'Mit Ihrem Konto beitreten',
    heading: (organisation) => [organisation, ' mit Ihrem Konto beitreten'],
    lead: (organisation) => ['Administratoren von ', organisation, ' sehen dann Ihren Namen und Ihre E-Mail-Adresse.'],
    leadSignIn: (email) => ['Sie haben ein Konto mit der E-Mail-Adresse ', email, '. Melden Sie sich damit an.'],
    signIn: 'Anmelden',
    submit: 'Beitreten',
    done: {
      title: 'Sie sind beigetreten',
      lead: (organisation) => ['Sie sind jetzt Mitglied von ', organisation, '.'],
    },
    errors: {
      csrf: {
        heading: 'Diese Seite ist abgelaufen',
        text: 'Sie sind noch nicht beigetreten. Versuchen Sie es erneut.',
      },
      member: { heading: 'Sie sind bereits Mitglied', text: 'Ihr Konto gehört schon zu dieser Organisation.' },
    },
  },
}
