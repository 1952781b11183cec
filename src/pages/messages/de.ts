import { passkeys } from './de-passkeys.ts'
import { recovery } from './de-recovery.ts'
import type { Messages } from './messages.ts'
import { recoveryCodes, secondFactor } from './de-second-factor.ts'

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
    confirm: 'Passwort bestätigen',
    confirmLead: 'Geben Sie Ihr Passwort noch einmal ein, um fortzufahren.',
    confirmLeadFor: (client) => ['Geben Sie Ihr Passwort noch einmal ein. Danach geht es weiter zu ', client, '.'],
    email: 'E-Mail-Adresse',
    password: 'Passwort',
    submit: 'Anmelden',
    cancel: 'Abbrechen',
    staySignedIn: 'Angemeldet bleiben',
    emailMissing: 'Geben Sie Ihre E-Mail-Adresse ein.',
    passwordMissing: 'Geben Sie Ihr Passwort ein.',
    forgot: 'Passwort vergessen?',
    errors: {
      credentials: {
        heading: 'E-Mail-Adresse oder Passwort falsch',
        text: 'Prüfen Sie Ihre E-Mail-Adresse und Ihr Passwort, und versuchen Sie es noch einmal.',
      },
      passkey: {
        heading: 'Dieser Passkey wird nicht angenommen',
        text: 'Vielleicht wurde er aus Ihrem Konto entfernt. Wählen Sie einen anderen, oder melden Sie sich mit Ihrem Passwort an.',
      },
      passkeyExpired: { heading: 'Das hat zu lange gedauert', text: 'Melden Sie sich noch einmal an.' },
      missing: {
        heading: 'E-Mail-Adresse oder Passwort fehlt',
        text: 'Geben Sie Ihre E-Mail-Adresse und Ihr Passwort ein.',
      },
      throttled: {
        heading: 'Zu viele Versuche',
        text: 'Zum Schutz Ihres Kontos ist die Anmeldung vorübergehend gesperrt. Versuchen Sie es in einigen Minuten noch einmal.',
      },
      csrf: {
        heading: 'Diese Seite ist abgelaufen',
        text: 'Sie sind noch nicht angemeldet. Geben Sie E-Mail-Adresse und Passwort noch einmal ein.',
      },
      unavailable: {
        heading: 'Ihr Konto ist gesperrt',
        text: 'Wenden Sie sich an die Administration Ihrer Organisation.',
      },
      organisationClosed: {
        heading: 'Ihre Organisation ist nicht verfügbar',
        text: 'Sie ist gesperrt oder geschlossen, deshalb kann sich niemand bei ihr anmelden. Wenden Sie sich an ihre Administration.',
      },
    },
  },
  ...recovery,
  passkeys,
  secondFactor,
  recoveryCodes,
  invitation: {
    title: 'Einladung annehmen',
    heading: (organisation) => [organisation, ' beitreten'],
    lead: (organisation) => [
      'Sie sind eingeladen, ',
      organisation,
      ' beizutreten. Wählen Sie ein Passwort für Ihr Konto.',
    ],
    leadBy: (inviter, organisation) => [
      inviter,
      ' lädt Sie ein, ',
      organisation,
      ' beizutreten. Wählen Sie ein Passwort für Ihr Konto.',
    ],
    email: 'E-Mail-Adresse',
    givenName: 'Vorname',
    familyName: 'Nachname',
    password: 'Neues Passwort',
    passwordHint: 'Nehmen Sie ein langes, das Sie sonst nirgends verwenden.',
    submit: 'Konto anlegen',
    errors: {
      missing: { heading: 'Es fehlt eine Angabe', text: 'Geben Sie Ihre Namen und ein Passwort ein.' },
      password: {
        heading: 'Wählen Sie ein anderes Passwort',
        text: 'Es ist zu kurz, wird zu oft verwendet, oder ihm fehlt eine Art von Zeichen, die Ihre Organisation verlangt.',
      },
      throttled: { heading: 'Zu viele Versuche', text: 'Versuchen Sie es in einigen Minuten noch einmal.' },
      csrf: {
        heading: 'Diese Seite ist abgelaufen',
        text: 'Ihr Konto ist noch nicht angelegt. Geben Sie Ihr Passwort noch einmal ein.',
      },
      taken: {
        heading: 'Sie haben bereits ein Konto',
        text: 'Nach der Einladung wurde ein Konto mit dieser E-Mail-Adresse angelegt. Melden Sie sich damit an.',
      },
    },
    unavailable: {
      heading: 'Diese Einladung gilt nicht mehr',
      text: 'Sie ist abgelaufen, wurde benutzt oder zurückgezogen. Bitten Sie die Person, die Sie eingeladen hat, um eine neue.',
    },
  },
  selectAccount: {
    title: 'Konto auswählen',
    lead: (client) => ['und weiter zu ', client],
    proceed: 'Mit diesem Konto fortfahren',
    useAnother: 'Anderes Konto verwenden',
  },
  consent: {
    title: 'Zugriff erlauben',
    heading: (client) => ['Darf ', client, ' Ihr Konto verwenden?'],
    scopesHeading: (client) => [client, ' erhält folgende Rechte:'],
    noScopes: (client) => [client, ' fordert keine Ihrer Daten an.'],
    resourceHeading: (resource) => ['In ', resource, ':'],
    resourceAccess: 'Mit Ihrem Konto darauf zugreifen',
    redirectNotice: (host) => ['Sie werden weitergeleitet zu ', host, '.'],
    appNotice: (scheme) => [
      'Sie werden zu der App auf diesem Gerät weitergeleitet, die Links mit ',
      scheme,
      ' öffnet.',
    ],
    deviceNotice: (address) => [
      'Ein Gerät mit der Adresse ',
      address,
      ' fordert Zugriff an. Erlauben Sie ihn nur, wenn Sie dieses Gerät vor sich haben und den Vorgang selbst gestartet haben.',
    ],
    published: {
      lead: 'Diese Anwendung wird veröffentlicht unter',
      unverified:
        'Ihr Name ist nicht geprüft. Erlauben Sie den Zugriff nur, wenn Sie diese Adresse kennen und ihr vertrauen.',
      loopbackOnly: {
        heading: 'Diese Anwendung läuft auf Ihrem Gerät',
        text: 'Ein anderes Programm auf Ihrem Gerät könnte sich als diese Anwendung ausgeben. Erlauben Sie den Zugriff nur, wenn Sie sie gerade selbst gestartet haben.',
      },
    },
    allow: 'Erlauben',
    deny: 'Ablehnen',
    scopes: {
      openid: { title: 'Ihre Identität bestätigen', detail: 'Eine Kennung Ihres Kontos, niemals Ihr Passwort' },
      profile: { title: 'Ihr Profil sehen', detail: 'Name, Bild, Sprache und ähnliche Angaben' },
      email: { title: 'Ihre E-Mail-Adresse sehen' },
      phone: { title: 'Ihre Telefonnummer sehen' },
      address: { title: 'Ihre Postanschrift sehen' },
      roles: { title: 'Ihre Rollen sehen', detail: 'Was Sie in Ihrer Organisation tun dürfen' },
      groups: { title: 'Ihre Teams sehen', detail: 'Die Teams Ihrer Organisation, zu denen Sie gehören' },
      permissions: { title: 'Ihre Berechtigungen sehen', detail: 'Jede einzelne Aktion, die Ihre Rollen erlauben' },
      organisation: { title: 'Ihre Organisation sehen', detail: 'Ihr Name und Ihre Mitgliedschaft' },
      offline_access: {
        title: 'Verbunden bleiben, auch wenn Sie nicht da sind',
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
      'Geben Sie nur einen Code ein, den Ihr eigenes Gerät anzeigt. Geben Sie nie einen Code ein, den Ihnen jemand geschickt hat.',
    submit: 'Weiter',
    errors: {
      unknown: {
        heading: 'Ungültiger Code',
        text: 'Der Code ist falsch oder abgelaufen. Prüfen Sie ihn, oder lassen Sie Ihr Gerät einen neuen Code anzeigen.',
      },
      throttled: {
        heading: 'Zu viele Versuche',
        text: 'Warten Sie einige Minuten, bevor Sie einen anderen Code eingeben.',
      },
      csrf: {
        heading: 'Diese Seite ist abgelaufen',
        text: 'Das Gerät ist noch nicht verbunden. Geben Sie den Code noch einmal ein.',
      },
    },
    outcomes: {
      approved: {
        title: 'Ihr Gerät ist verbunden',
        lead: (client) => ['Fahren Sie auf Ihrem Gerät fort mit ', client, '. Sie können dieses Fenster schließen.'],
      },
      denied: {
        title: 'Ihr Gerät ist nicht verbunden',
        lead: (client) => ['Sie haben den Zugriff abgelehnt für ', client, '. Sie können dieses Fenster schließen.'],
      },
      unusable: {
        title: 'Dieser Code ist nicht mehr gültig',
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
    lead: 'Anwendungen bitten Sie danach möglicherweise, sich erneut anzumelden.',
    leadFor: (client) => [
      client,
      ' möchte Sie abmelden. Andere Anwendungen bitten Sie danach möglicherweise, sich erneut anzumelden.',
    ],
    submit: 'Abmelden',
    stay: 'Angemeldet bleiben',
  },
  signedOut: {
    title: 'Sie sind abgemeldet',
    lead: 'Sie können dieses Fenster schließen.',
    signingOutOfApps: 'Sie werden auch von Ihren Anwendungen abgemeldet.',
    proceed: 'Weiter',
    proceedTo: (client) => ['Weiter zu ', client],
  },
  home: {
    title: 'Anmeldeserver',
    lead: 'Anwendungen schicken Sie hierher, damit Sie sich anmelden. Um eine zu benutzen, öffnen Sie die Anwendung selbst.',
    signIn: 'Anmelden oder abmelden',
    api: 'API-Referenz für Entwickler',
    metadata: 'Metadaten (OpenID Connect Discovery) für Entwickler',
  },
  signedIn: {
    title: 'Sie sind angemeldet',
    lead: (organisation) => [
      'Anwendungen von ',
      organisation,
      ' fragen nicht mehr nach Ihrem Passwort, bis Sie sich abmelden.',
    ],
    signOut: 'Abmelden',
  },
  formPost: {
    title: 'Zurück zur Anwendung',
    lead: (host) => ['Sie werden zurückgeleitet zu ', host, '. Falls nichts geschieht, wählen Sie Weiter.'],
    submit: 'Weiter',
  },
  logoutResubmit: { title: 'Abmeldung', lead: 'Falls nichts geschieht, wählen Sie Weiter.', submit: 'Weiter' },
  error: {
    developer: 'Für die Entwicklung',
    code: 'Code',
    description: 'Beschreibung',
    reference: 'Referenz',
    continueTo: (destination) => `Weiter zu ${destination}`,
    invalidRequest: {
      heading: 'Diese Anfrage ist fehlerhaft',
      text: 'Die Anwendung, von der Sie kommen, hat eine ungültige Anfrage gesendet. Ihr Konto ist nicht betroffen. Gehen Sie zur Anwendung zurück und versuchen Sie es noch einmal. Tritt der Fehler wieder auf, wenden Sie sich an den Anbieter der Anwendung.',
    },
    forbidden: {
      heading: 'Sie haben keinen Zugriff',
      text: 'Ihr Konto hat keinen Zugriff, oder die vorige Seite darf dies nicht. Wenn Sie Zugriff benötigen, wenden Sie sich an Ihre Administration.',
    },
    notFound: {
      heading: 'Seite nicht gefunden',
      text: 'Vielleicht ist die Seite umgezogen oder der Link unvollständig. Gehen Sie zur Anwendung zurück und beginnen Sie noch einmal.',
    },
    cookiesBlocked: {
      heading: 'Für die Anmeldung sind Cookies nötig',
      text: 'Ihr Browser blockiert Cookies dieser Website, oder Sie haben in einem anderen Browser begonnen. Erlauben Sie Cookies, gehen Sie zur Anwendung zurück und beginnen Sie noch einmal.',
    },
    alreadyCompleted: {
      heading: 'Alles erledigt',
      text: 'Sie haben diesen Schritt abgeschlossen, und die Anwendung hat Ihre Antwort. Fahren Sie in der Anwendung fort. Sie können diese Seite schließen.',
    },
    expired: {
      heading: 'Diese Seite ist abgelaufen',
      text: 'Sie war zu lange offen oder wurde in einem anderen Fenster abgeschlossen. Gehen Sie zur Anwendung zurück und beginnen Sie noch einmal.',
    },
    throttled: {
      heading: 'Zu viele Anfragen',
      text: 'Warten Sie einige Minuten, und versuchen Sie es noch einmal.',
    },
    unavailable: {
      heading: 'Vorübergehend nicht verfügbar',
      text: 'Der Dienst ist im Augenblick nicht verfügbar. Versuchen Sie es in einigen Minuten noch einmal.',
    },
    server: {
      heading: 'Etwas ist schiefgegangen',
      text: 'Ihr Konto ist nicht betroffen. Versuchen Sie es noch einmal. Tritt der Fehler wieder auf, nennen Sie Ihrer Administration die unten stehende Referenz.',
    },
  },
}
