import type { UserConflict } from '../model/users/user-directory.ts'
import { Conflict, InvalidInput, NotFound } from '../lib/domain-error.ts'

export class UserNotFound extends NotFound {
  override readonly name = 'UserNotFound'

  constructor() {
    super('There is no such user.')
  }
}

export class EmailTaken extends Conflict {
  override readonly name = 'EmailTaken'

  constructor() {
    super(
      'A user with this e-mail address exists. The address of a deleted user is free when the user has been erased.',
    )
  }
}

export class UserExternalIdTaken extends Conflict {
  override readonly name = 'UserExternalIdTaken'

  constructor() {
    super('Another user of the organisation has this externalId.')
  }
}

/** Another user has the value of an attribute that is unique. */
export class UserAttributeTaken extends Conflict {
  override readonly name = 'UserAttributeTaken'

  constructor() {
    super('Another user of the organisation has this value of an attribute that is unique.')
  }
}

/** The error for a value that another user has. */
export function userConflict(conflict: UserConflict): Conflict {
  if (conflict === 'email_taken') return new EmailTaken()
  return conflict === 'external_id_taken' ? new UserExternalIdTaken() : new UserAttributeTaken()
}

/** The change would leave the organisation without an active owner. */
export class LastOwner extends Conflict {
  override readonly name = 'LastOwner'

  constructor() {
    super('The organisation would have no active owner whose role has no end. Make another user owner first.')
  }
}

/** The same of another organisation, in which the user is a member. */
export class LastOwnerElsewhere extends Conflict {
  override readonly name = 'LastOwnerElsewhere'

  constructor() {
    super(
      'Another organisation would have no active owner. Its owner role must be given to another user first; until then, suspend the membership of the user.',
    )
  }
}

/** Administrators cannot lock themselves out. */
export class OwnAccount extends Conflict {
  override readonly name = 'OwnAccount'

  constructor(act: string) {
    super(`You cannot ${act} your own account.`)
  }
}

/** A team that the organisation does not have, or that does not exist for the caller. */
export class UnknownTeam extends InvalidInput {
  override readonly name = 'UnknownTeam'

  constructor(path: (string | number)[]) {
    super([{ path, code: 'custom', message: 'must be the id of a team of the organisation' }])
  }
}

/** Roles that the organisation does not have. */
export class UnknownRoles extends InvalidInput {
  override readonly name = 'UnknownRoles'

  constructor(path: (string | number)[]) {
    super([{ path, code: 'custom', message: 'must be the id of a role of the organisation' }])
  }
}
