import { formatTime } from './dates.ts'
import type { MailMessages } from './mail-content.ts'

export const de: MailMessages = {
  addressOfButton: 'Wenn die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse in Ihrem Browser:',
  sentBy: (organisation, server) => `Gesendet für ${organisation} von ${server}.`,
  templates: {
    invitation: ({ organisation, invitedBy, link, expiresAt }) => ({
      subject: `Einladung zu ${organisation}`,
      heading: `${organisation} beitreten`,
      paragraphs: [
        invitedBy === null
          ? `Sie sind eingeladen, ${organisation} beizutreten.`
          : `${invitedBy} lädt Sie ein, ${organisation} beizutreten.`,
        'Öffnen Sie die Einladung, und wählen Sie ein Passwort für Ihr Konto.',
      ],
      button: { label: 'Einladung öffnen', link },
      notes: [
        `Die Einladung kann einmal angenommen werden, bis ${formatTime('de', expiresAt)}.`,
        'Wenn Sie keine Einladung erwarten, ignorieren Sie diese E-Mail. Ohne Sie wird kein Konto angelegt.',
      ],
    }),
    welcome: ({ organisation, link }) => ({
      subject: `Willkommen bei ${organisation}`,
      heading: `Willkommen bei ${organisation}`,
      paragraphs: [
        'Ihr Konto ist eingerichtet. Sie melden sich mit dieser E-Mail-Adresse und dem Passwort an, das Sie gewählt haben.',
      ],
      button: { label: 'Anmelden', link },
      notes: ['Wenn Sie dieses Konto nicht angelegt haben, wenden Sie sich an die Administration der Organisation.'],
    }),
    password_reset: ({ organisation, link, code }) => ({
      subject: 'Neues Passwort wählen',
      heading: 'Neues Passwort wählen',
      paragraphs: [
        `Für Ihr Konto bei ${organisation} wurde ein neues Passwort angefordert. Öffnen Sie die Seite, und wählen Sie eines.`,
      ],
      button: { label: 'Neues Passwort wählen', link },
      code: { label: 'Oder geben Sie diesen Code dort ein, wo Sie es angefordert haben:', value: code },
      notes: [
        'Link und Code gelten einmal, für eine Stunde.',
        'Wenn Sie kein neues Passwort angefordert haben, ignorieren Sie diese E-Mail. Ihr Passwort bleibt, wie es ist.',
      ],
    }),
    password_changed: ({ organisation, link, changedAt }) => ({
      subject: 'Ihr Passwort wurde geändert',
      heading: 'Ihr Passwort wurde geändert',
      paragraphs: [
        `Das Passwort Ihres Kontos bei ${organisation} wurde geändert: ${formatTime('de', changedAt)}.`,
        'Wenn Sie das waren, müssen Sie nichts tun.',
        'Wenn nicht, sperren Sie alle aus, die Ihr Konto verwenden: Alle Sitzungen und API-Schlüssel enden, und Sie wählen ein neues Passwort.',
      ],
      button: { label: 'Das war ich nicht', link },
      notes: ['Der Link gilt einmal, sieben Tage lang.'],
    }),
    second_factor_changed: ({ organisation, added, link, changedAt }) => ({
      subject: added ? 'Eine Authenticator-App wurde eingerichtet' : 'Ihre Authenticator-App wurde entfernt',
      heading: added ? 'Eine Authenticator-App wurde eingerichtet' : 'Ihre Authenticator-App wurde entfernt',
      paragraphs: [
        added
          ? `Zum Anmelden bei Ihrem Konto bei ${organisation} braucht es einen Code dieser App. Eingerichtet: ${formatTime('de', changedAt)}.`
          : `Zum Anmelden bei Ihrem Konto bei ${organisation} genügt das Passwort. Entfernt: ${formatTime('de', changedAt)}.`,
        'Wenn Sie das waren, müssen Sie nichts tun.',
        'Wenn nicht, sperren Sie alle aus, die Ihr Konto verwenden: Alle Sitzungen und API-Schlüssel enden, und Sie wählen ein neues Passwort.',
      ],
      button: { label: 'Das war ich nicht', link },
      notes: ['Der Link gilt einmal, sieben Tage lang.'],
    }),
    passkey_changed: ({ organisation, name, added, link, changedAt }) => ({
      subject: added ? 'Ihr Konto hat einen neuen Passkey' : 'Ein Passkey Ihres Kontos wurde entfernt',
      heading: added ? 'Ein Passkey wurde hinzugefügt' : 'Ein Passkey wurde entfernt',
      paragraphs: [
        added
          ? `Mit dem Passkey „${name}“ kann man sich bei Ihrem Konto bei ${organisation} anmelden. Hinzugefügt: ${formatTime('de', changedAt)}.`
          : `Mit dem Passkey „${name}“ kann man sich bei Ihrem Konto bei ${organisation} nicht mehr anmelden. Entfernt: ${formatTime('de', changedAt)}.`,
        'Wenn Sie das waren, müssen Sie nichts tun.',
        'Wenn nicht, sperren Sie alle aus, die Ihr Konto verwenden: Alle Sitzungen und API-Schlüssel enden, alle Passkeys werden entfernt, und Sie wählen ein neues Passwort.',
      ],
      button: { label: 'Das war ich nicht', link },
      notes: ['Der Link gilt einmal, sieben Tage lang.'],
    }),
    email_verification: ({ organisation, link, code }) => ({
      subject: 'E-Mail-Adresse bestätigen',
      heading: 'E-Mail-Adresse bestätigen',
      paragraphs: [`Bestätigen Sie, dass dies die Adresse Ihres Kontos bei ${organisation} ist.`],
      button: { label: 'Adresse bestätigen', link },
      code: { label: 'Oder geben Sie diesen Code ein, wo Sie danach gefragt werden:', value: code },
      notes: [
        'Link und Code gelten einmal, 24 Stunden lang.',
        'Wenn Sie kein Konto angelegt haben, ignorieren Sie diese E-Mail. Ohne Ihre Bestätigung kann das Konto nicht verwendet werden.',
      ],
    }),
    account_exists: ({ organisation, link }) => ({
      subject: 'Sie haben bereits ein Konto',
      heading: 'Sie haben bereits ein Konto',
      paragraphs: [
        `Für diese Adresse wurde ein neues Konto angefordert. Sie hat bereits ein Konto bei ${organisation}. Es wurde nichts angelegt.`,
        'Wenn Sie das waren, melden Sie sich mit Ihrem Konto an, oder wählen Sie ein neues Passwort.',
      ],
      button: { label: 'Neues Passwort wählen', link },
      notes: ['Wenn nicht, müssen Sie nichts tun.'],
    }),
    email_change: ({ organisation, link }) => ({
      subject: 'Neue E-Mail-Adresse bestätigen',
      heading: 'Neue E-Mail-Adresse bestätigen',
      paragraphs: [`Diese Adresse wird die Ihres Kontos bei ${organisation}, wenn Sie sie bestätigen.`],
      button: { label: 'Neue Adresse bestätigen', link },
      notes: [
        'Der Link gilt einmal, 24 Stunden lang.',
        'Wenn Sie das nicht angefordert haben, ignorieren Sie diese E-Mail. Ohne Ihre Bestätigung ändert sich nichts.',
      ],
    }),
    email_changed: ({ organisation, email, link }) => ({
      subject: 'Ihre E-Mail-Adresse wurde geändert',
      heading: 'Ihre E-Mail-Adresse wurde geändert',
      paragraphs: [
        `Ihr Konto bei ${organisation} hat jetzt eine andere Adresse: ${email}.`,
        'Wenn Sie das waren, müssen Sie nichts tun.',
        'Wenn nicht, machen Sie die Änderung rückgängig: Das Konto erhält wieder diese Adresse, alle Sitzungen und API-Schlüssel enden, und Sie wählen ein neues Passwort.',
      ],
      button: { label: 'Änderung rückgängig machen', link },
      notes: ['Der Link gilt einmal, 72 Stunden lang.'],
    }),
    api_key_expires: ({ organisation, name, prefix, expiresAt }) => ({
      subject: `API-Schlüssel läuft bald ab: ${name}`,
      heading: 'Ein API-Schlüssel läuft bald ab',
      paragraphs: [
        `Ihr API-Schlüssel ${name} bei ${organisation} läuft am ${formatTime('de', expiresAt)} ab.`,
        'Wenn ein Programm ihn noch verwendet, ersetzen Sie den Schlüssel, und geben Sie dem Programm vorher den neuen.',
      ],
      notes: [`Der Schlüssel beginnt mit ${prefix}.`, 'Wenn kein Programm ihn verwendet, müssen Sie nichts tun.'],
    }),
    test: ({ organisation, server }) => ({
      subject: 'Test der E-Mail-Einstellungen',
      heading: 'Der Versand funktioniert',
      paragraphs: [`Das ist eine Test-E-Mail von ${server} für ${organisation}. Sie können sie löschen.`],
      notes: ['Eine Administratorin oder ein Administrator hat sie für die eigene Adresse angefordert.'],
    }),
  },
}
