import type { Messages } from './messages.ts'

export const secondFactor: Messages['secondFactor'] = {
  title: 'Code eingeben',
  lead: (email) => [
    'Anmeldung als ',
    email,
    '. Öffnen Sie Ihre Authenticator-App und geben Sie den Code ein, den sie zeigt.',
  ],
  code: 'Code',
  codeHint: 'Sechs Ziffern. Ohne die App geben Sie einen Ihrer Wiederherstellungscodes ein.',
  submit: 'Weiter',
  cancel: 'Abbrechen',
  enrol: {
    title: 'Anmeldung in zwei Schritten einrichten',
    lead: 'Ab jetzt brauchen Sie zum Anmelden Ihr Passwort und einen Code aus einer App auf Ihrem Telefon.',
    install: 'Installieren Sie eine Authenticator-App, falls Sie keine haben. Jede ist geeignet.',
    scan: 'Fügen Sie in der App ein Konto hinzu und scannen Sie diesen Code.',
    qrCode: 'QR-Code für die Authenticator-App',
    open: 'Auf diesem Gerät? App öffnen',
    typeIn: 'Scannen geht nicht? Tippen Sie diesen Schlüssel ein:',
    enter: 'Geben Sie die sechs Ziffern ein, die die App zeigt.',
  },
  errors: {
    code: {
      heading: 'Der Code ist nicht richtig',
      text: 'Jeder Code gilt nur kurz und nur einmal. Geben Sie den ein, den die App jetzt zeigt.',
    },
    passkey: {
      heading: 'Der Passkey wurde nicht angenommen',
      text: 'Verwenden Sie einen Passkey dieses Kontos, und versuchen Sie es noch einmal.',
    },
    missing: { heading: 'Der Code fehlt', text: 'Geben Sie den Code Ihrer Authenticator-App ein.' },
    throttled: { heading: 'Zu viele Versuche', text: 'Versuchen Sie es in einigen Minuten noch einmal.' },
    csrf: {
      heading: 'Diese Seite ist abgelaufen',
      text: 'Sie sind noch nicht angemeldet. Geben Sie noch einmal einen Code ein.',
    },
  },
}

export const recoveryCodes: Messages['recoveryCodes'] = {
  title: 'Wiederherstellungscodes sichern',
  lead: 'Die Anmeldung in zwei Schritten ist eingerichtet. Wenn Sie Ihr Telefon verlieren, melden Sie sich mit einem dieser Codes an.',
  advice:
    'Drucken Sie sie aus, oder speichern Sie sie in einem Passwortmanager. Jeder gilt einmal, und sie werden nicht noch einmal gezeigt.',
  proceed: 'Ich habe sie gesichert',
  proceedTo: (client) => ['Ich habe sie gesichert, weiter zu ', client],
}
