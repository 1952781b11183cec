import type { PasskeyMessages } from './passkey-messages.ts'

export const passkeys: PasskeyMessages = {
  title: 'Ihre Passkeys',
  lead: (email) => [
    'Melden Sie sich als ',
    email,
    ' mit Fingerabdruck, Gesicht oder Bildschirmsperre an, ohne Passwort.',
  ],
  signIn: 'Mit Passkey anmelden',
  use: 'Passkey verwenden',
  useLead: (email) => ['Anmeldung als ', email, '. Dazu braucht es auch Ihren Passkey.'],
  needsScript: 'Passkeys brauchen einen Browser mit JavaScript, der sie unterstützt.',
  failed: 'Es wurde kein Passkey verwendet. Versuchen Sie es noch einmal oder auf andere Weise.',
  known: 'Dieses Gerät hat schon einen Passkey Ihres Kontos.',
  none: 'Sie haben noch keinen Passkey.',
  created: 'Hinzugefügt',
  lastUsed: 'zuletzt verwendet',
  never: 'nie',
  synced: 'Auf Ihren Geräten synchronisiert',
  deviceBound: 'Nur auf einem Gerät',
  name: 'Name',
  change: 'Umbenennen oder entfernen',
  rename: 'Umbenennen',
  save: 'Speichern',
  remove: 'Entfernen',
  add: 'Passkey hinzufügen',
  addLead:
    'Ihr Browser fragt, wo er gespeichert wird: auf diesem Gerät, Ihrem Telefon oder einem Sicherheitsschlüssel.',
  signInAgain: 'Noch einmal anmelden',
  signInAgainLead:
    'Um Ihre Passkeys zu ändern, melden Sie sich noch einmal an: Ihre letzte Anmeldung ist mehr als zehn Minuten her.',
  back: 'Zurück',
  offerTitle: 'Beim nächsten Mal ohne Passwort anmelden',
  notNow: 'Jetzt nicht',
  requiredTitle: 'Fügen Sie einen Passkey hinzu, um fortzufahren',
  requiredLead: (email) => [
    'Die Anwendung verlangt eine Anmeldung mit einem Passkey. Fügen Sie Ihrem Konto ',
    email,
    ' einen hinzu.',
  ],
  cancel: 'Abbrechen',
  done: {
    added: 'Der Passkey ist hinzugefügt. Sie können sich ab jetzt mit ihm anmelden.',
    renamed: 'Der Passkey hat seinen neuen Namen.',
    removed: 'Der Passkey ist entfernt. Sie können ihn auch auf Ihrem Gerät löschen.',
  },
  errors: {
    csrf: { heading: 'Diese Seite ist abgelaufen', text: 'Es wurde nichts geändert. Versuchen Sie es noch einmal.' },
    credential: {
      heading: 'Der Passkey wurde nicht hinzugefügt',
      text: 'Es hat zu lange gedauert, oder Ihr Gerät hat nichts Gültiges geantwortet. Versuchen Sie es noch einmal.',
    },
    name: { heading: 'Name fehlt', text: 'Geben Sie einen Namen mit höchstens 100 Zeichen ein.' },
    last: {
      heading: 'Das ist Ihr letzter Weg, sich anzumelden',
      text: 'Sie haben kein Passwort. Fügen Sie einen anderen Passkey hinzu, bevor Sie diesen entfernen.',
    },
    taken: {
      heading: 'Dieser Passkey ist schon hinzugefügt',
      text: 'Wählen Sie ein anderes Gerät, oder verwenden Sie den Passkey, den Sie haben.',
    },
    many: { heading: 'Sie haben zu viele Passkeys', text: 'Entfernen Sie einen, den Sie nicht mehr verwenden.' },
    gone: {
      heading: 'Diesen Passkey gibt es nicht',
      text: 'Vielleicht haben Sie ihn in einem anderen Fenster entfernt.',
    },
  },
}
