import {
  lifetimeSettings,
  type Client,
  type ClientSettings,
  type LifetimeSetting,
  type StoredSettings,
} from '../../model/clients/client.ts'
import type { TokenLifetimes } from '../../model/organisations/organisation-settings.ts'
import { profileOf } from './profiles.ts'

/** The lifetimes of clients with this profile that have none of their own, in an organisation with these lifetimes. */
export function defaultLifetimes(
  profile: Client['profile'],
  { accessToken, refreshToken, idToken }: TokenLifetimes,
): Pick<ClientSettings, LifetimeSetting> {
  return {
    accessTokenLifetime: Math.min(accessToken ?? 3_600, profileOf({ profile }).maxAccessTokenLifetime),
    refreshTokenLifetime: refreshToken ?? 2_592_000,
    idTokenLifetime: idToken ?? 3_600,
  }
}

/** Settings as they are stored: a lifetime that equals the default is null, so that it follows the organisation. */
export function withInheritedLifetimes<Settings extends Partial<ClientSettings>>(
  settings: Settings,
  profile: Client['profile'],
  lifetimes: TokenLifetimes,
): Omit<Settings, LifetimeSetting> & Pick<StoredSettings, LifetimeSetting & keyof Settings> {
  const defaults = defaultLifetimes(profile, lifetimes)
  const inherited = lifetimeSettings.filter((name) => settings[name] === defaults[name])
  return { ...settings, ...Object.fromEntries(inherited.map((name) => [name, null])) } as ReturnType<
    typeof withInheritedLifetimes<Settings>
  >
}
