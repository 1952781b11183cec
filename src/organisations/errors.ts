import { Conflict, Denied, NotFound } from '../lib/domain-error.ts'

export class OrganisationNotFound extends NotFound {
  override readonly name = 'OrganisationNotFound'

  constructor() {
    super('There is no such organisation.')
  }
}

export class SlugTaken extends Conflict {
  override readonly name = 'SlugTaken'

  constructor() {
    super('An organisation with this slug exists. The slug of a deleted organisation is free when it has been purged.')
  }
}

export class OwnerEmailTaken extends Conflict {
  override readonly name = 'OwnerEmailTaken'

  constructor() {
    super('A user with this e-mail address exists. E-mail addresses are unique over all organisations.')
  }
}

/** The organisation that operates the server stays active. */
export class OperatorOrganisation extends Conflict {
  override readonly name = 'OperatorOrganisation'

  constructor(act: string) {
    super(`The organisation that operates the server cannot be ${act}.`)
  }
}

export class OnboardingClosed extends Denied {
  override readonly name = 'OnboardingClosed'

  constructor() {
    super('Organisations cannot be created by sign-up on this server. Ask its operator.')
  }
}

export class OwnersOnly extends Denied {
  override readonly name = 'OwnersOnly'

  constructor() {
    super('Only an owner who is signed in may delete the organisation.')
  }
}

export class OrganisationDeleted extends Conflict {
  override readonly name = 'OrganisationDeleted'

  constructor() {
    super('The organisation is deleted. Restore it first.')
  }
}
