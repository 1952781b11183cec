import type { Messages } from './en.ts'

export const de: Messages = {
  errorPrefix: 'Fehler',
  newTab: 'öffnet sich in einem neuen Tab',
  signedInAs: 'Angemeldet als',
  about: (client) => ['Über ', client],
  website: 'Website',
  privacy: 'Datenschutzerklärung',
  terms: 'Nutzungsbedingungen',
  login: {
    title: 'Anmelden',
    headingFor: (client) => ['Anmelden und weiter zu ', client],
    organisation: (organisation) => ['Verwenden Sie Ihr Konto bei ', organisation, '.'],
    confirm: 'Bitte bestätigen Sie, dass Sie es sind',
    confirmLead: 'Geben Sie Ihr Passwort noch einmal ein, um fortzufahren.',
    confirmLeadFor: (client) => ['Geben Sie Ihr Passwort noch einmal ein. Danach geht es weiter zu ', client, '.'],
    email: 'E-Mail-Adresse',
    password: 'Passwort',
    submit: 'Anmelden',
    cancel: 'Abbrechen',
    emailMissing: 'Geben Sie Ihre E-Mail-Adresse ein.',
    passwordMissing: 'Geben Sie Ihr Passwort ein.',
    errors: {
      credentials: {
        heading: 'Das passt nicht zusammen',
        text: 'E-Mail-Adresse oder Passwort stimmen nicht. Bitte prüfen Sie beides und versuchen Sie es noch einmal.',
      },
      missing: { heading: 'Es fehlt noch etwas', text: 'Bitte geben Sie Ihre E-Mail-Adresse und Ihr Passwort ein.' },
      throttled: {
        heading: 'Zu viele Versuche',
        text: 'Zum Schutz des Kontos ist die Anmeldung kurz gesperrt. Bitte versuchen Sie es in einigen Minuten wieder.',
      },
      csrf: {
        heading: 'Diese Seite war abgelaufen',
        text: 'Es wurde nichts übermittelt. Bitte melden Sie sich noch einmal an.',
      },
      unavailable: {
        heading: 'Dieses Konto ist nicht verfügbar',
        text: 'Es ist derzeit gesperrt. Bitte wenden Sie sich an die Administration Ihrer Organisation.',
      },
    },
  },
  selectAccount: {
    title: 'Konto auswählen',
    lead: (client) => ['und weiter zu ', client],
    proceed: 'Mit diesem Konto fortfahren',
    another: 'Anderes Konto verwenden',
  },
  consent: {
    title: 'Zugriff erlauben',
    heading: (client) => ['Darf ', client, ' Ihr Konto verwenden?'],
    able: (client) => [client, ' erhält damit folgende Rechte:'],
    nothing: (client) => [client, ' fragt keine Angaben zu Ihrer Person ab.'],
    sentTo: (host) => ['Sie werden weitergeleitet zu ', host, '.'],
    device: (address) => [
      'Danach fragt ein Gerät an der Adresse ',
      address,
      '. Erlauben Sie es nur, wenn Sie es vor sich haben und dies selbst begonnen haben.',
    ],
    published: {
      lead: 'Diese Anwendung wird veröffentlicht unter',
      unverified:
        'Den Namen hat gewählt, wer diese Adresse betreibt. Erlauben Sie es nur, wenn Sie die Adresse kennen und ihr vertrauen.',
      onDevice: {
        heading: 'Eine Anwendung auf Ihrem eigenen Gerät',
        text: 'Jedes Programm auf Ihrem Gerät könnte sich dafür ausgeben. Erlauben Sie es nur, wenn Sie es gerade selbst gestartet haben.',
      },
    },
    allow: 'Erlauben',
    deny: 'Ablehnen',
    scopes: {
      openid: { title: 'Bestätigen, dass Sie es sind', detail: 'Eine Kennung Ihres Kontos, niemals Ihr Passwort' },
      profile: { title: 'Ihr Profil sehen', detail: 'Name, Bild, Sprache und ähnliche Angaben' },
      email: { title: 'Ihre E-Mail-Adresse sehen' },
      phone: { title: 'Ihre Telefonnummer sehen' },
      address: { title: 'Ihre Postanschrift sehen' },
      roles: { title: 'Ihre Rollen sehen', detail: 'Was Sie in Ihrer Organisation tun dürfen' },
      organisation: { title: 'Ihre Organisation sehen', detail: 'Wie sie heißt und dass Sie ihr angehören' },
      offline_access: {
        title: 'Verbunden bleiben, wenn Sie nicht da sind',
        detail: 'Auch nachdem Sie sich hier abgemeldet haben',
      },
    },
  },
  device: {
    title: 'Gerät verbinden',
    lead: 'Geben Sie den Code ein, den Ihr Gerät anzeigt.',
    compare: 'Fahren Sie nur fort, wenn Ihr Gerät genau diesen Code anzeigt.',
    code: 'Code',
    warning:
      'Nur Ihr eigenes Gerät hat einen Grund, Ihnen einen Code zu geben. Geben Sie nie einen ein, den Ihnen jemand geschickt hat.',
    submit: 'Weiter',
    errors: {
      unknown: {
        heading: 'Diesen Code gibt es nicht',
        text: 'Vielleicht ist er abgelaufen, oder ein Buchstabe stimmt nicht. Bitte sehen Sie noch einmal auf Ihr Gerät; es kann Ihnen einen neuen Code anzeigen.',
      },
      throttled: {
        heading: 'Zu viele Versuche',
        text: 'Bitte warten Sie einige Minuten, bevor Sie einen anderen Code versuchen.',
      },
      csrf: {
        heading: 'Diese Seite war abgelaufen',
        text: 'Es wurde nichts übermittelt. Bitte geben Sie den Code noch einmal ein.',
      },
    },
    outcomes: {
      approved: {
        title: 'Ihr Gerät ist verbunden',
        lead: (client) => [
          'Weiter geht es auf Ihrem Gerät mit ',
          client,
          '. Sie können dieses Fenster jetzt schließen.',
        ],
      },
      denied: {
        title: 'Ihr Gerät ist nicht verbunden',
        lead: (client) => ['Sie haben ', client, ' nichts erlaubt. Sie können dieses Fenster jetzt schließen.'],
      },
      unusable: {
        title: 'Dieser Code gilt nicht mehr',
        lead: (client) => [
          'Er ist abgelaufen oder wurde in einem anderen Browser verwendet. Beginnen Sie auf Ihrem Gerät noch einmal mit ',
          client,
          '.',
        ],
      },
    },
  },
  logout: {
    title: 'Möchten Sie sich abmelden?',
    lead: 'Anwendungen, die diese Anmeldung nutzen, bitten Sie danach möglicherweise, sich erneut anzumelden.',
    leadFor: (client) => [
      client,
      ' möchte Sie abmelden. Auch andere Anwendungen bitten Sie danach möglicherweise, sich erneut anzumelden.',
    ],
    submit: 'Abmelden',
    stay: 'Angemeldet bleiben',
  },
  signedOut: {
    title: 'Sie sind abgemeldet',
    lead: 'Sie können dieses Fenster jetzt schließen.',
    telling: 'Die Anwendungen, die Sie genutzt haben, werden ebenfalls abgemeldet.',
    proceed: 'Weiter',
    proceedTo: (client) => ['Weiter zu ', client],
  },
  signedIn: {
    title: 'Sie sind angemeldet',
    lead: (organisation) => [
      'Anwendungen von ',
      organisation,
      ' können Sie jetzt anmelden, ohne noch einmal nach dem Passwort zu fragen.',
    ],
    signOut: 'Abmelden',
  },
  formPost: {
    title: 'Einen Moment bitte',
    lead: (host) => ['Sie werden zurückgeleitet zu ', host, '. Falls nichts geschieht, drücken Sie die Schaltfläche.'],
    submit: 'Weiter',
  },
  error: {
    developer: 'Für die Entwicklung',
    code: 'Code',
    description: 'Beschreibung',
    reference: 'Referenz',
    request: {
      heading: 'Hier geht es leider nicht weiter',
      text: 'Die Anwendung, von der Sie kommen, hat um etwas gebeten, das wir nicht sicher beantworten können. Mit Ihrem Konto ist nichts geschehen. Bitte gehen Sie zur Anwendung zurück und versuchen Sie es noch einmal; erscheint diese Seite wieder, sollte deren Anbieter davon erfahren.',
    },
    forbidden: {
      heading: 'Hier haben Sie keinen Zugang',
      text: 'Mit diesem Konto oder von der vorigen Seite aus ist das nicht möglich. Wenn es möglich sein sollte, wenden Sie sich bitte an Ihre Administration.',
    },
    missing: {
      heading: 'Unter dieser Adresse gibt es nichts',
      text: 'Vielleicht ist die Seite umgezogen oder der Link unvollständig. Bitte gehen Sie zur Anwendung zurück und beginnen Sie noch einmal.',
    },
    expired: {
      heading: 'Diese Seite ist abgelaufen',
      text: 'Sie war zu lange offen oder wurde anderswo abgeschlossen. Bitte gehen Sie zur Anwendung zurück und beginnen Sie noch einmal.',
    },
    throttled: {
      heading: 'Bitte warten Sie einen Moment',
      text: 'In kurzer Zeit sind viele Anfragen eingetroffen. Bitte versuchen Sie es in einigen Minuten wieder.',
    },
    unavailable: {
      heading: 'Wir sind gleich wieder da',
      text: 'Der Dienst ist im Augenblick nicht erreichbar. Bitte versuchen Sie es in einigen Minuten wieder.',
    },
    server: {
      heading: 'Bei uns ist etwas schiefgegangen',
      text: 'Ihr Konto ist sicher. Bitte versuchen Sie es noch einmal; erscheint diese Seite wieder, nennen Sie Ihrer Administration die unten stehende Referenz.',
    },
  },
}
