import { messages, type Locale } from '../messages/locale.ts'
import { Key } from '../theme/icons.tsx'
import { passkeyScript } from './script.ts'

/** What the script reads from a form. */
export interface PasskeyRequest {
  kind: 'create' | 'get'
  /** `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`. */
  options: unknown
  /** Whether the browser offers passkeys in the field for the email address. */
  autofill?: boolean
}

/** The attributes of a form whose passkey button works. */
export function passkeyAttributes(request: PasskeyRequest | undefined): Record<string, string | undefined> {
  if (request === undefined) return {}
  return {
    'data-passkey': request.kind,
    'data-passkey-options': JSON.stringify(request.options),
    'data-autofill': request.autofill ? 'true' : undefined,
  }
}

interface PasskeyButtonProps {
  locale: Locale
  label: string
  kind?: 'primary' | 'plain'
}

/** Hidden until the script finds that the browser knows passkeys. */
export const PasskeyButton = ({ locale, label, kind = 'plain' }: PasskeyButtonProps) => {
  const { failed, known } = messages[locale].passkeys
  return (
    <>
      <button type="button" id="passkey" class={kind} hidden>
        <Key />
        {label}
      </button>
      <p class="problem" id="passkey-status" role="status" data-failed={failed} data-known={known} />
    </>
  )
}

export const PasskeyScript = () => <script dangerouslySetInnerHTML={{ __html: passkeyScript }} />
