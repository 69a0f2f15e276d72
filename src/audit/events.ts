// Every audit event and what it means. The names follow OWASP's logging vocabulary where it has one.

export const auditEvents = {
  'recovery.started': 'A recovery began; for a decoy the account is empty.',
  'recovery.email_chosen': 'The person asked for a code by email.',
  'recovery.code_asked_again': 'The person asked for the code again.',
  'mail.sent': 'A mail was handed to the mail server; its kind is in the facts.',
  'mail.withheld': 'A mail was not sent: a cap, silence, no account, too late, or refused for good.',
  'recovery.code_wrong': 'A wrong code was typed.',
  'recovery.code_right': 'The mailed code was typed: the recovery is proven.',
  'recovery.account_chosen': 'One of several accounts on the address was chosen.',
  'recovery.completed': 'The new password was set; everything older ended.',
  'recovery.ended': 'A recovery ended without a new password.',
  'recovery.stopped': 'The owner said "this was not me": typing codes ended and recovery mail fell silent.',
  authn_login_success: 'A sign-in by password.',
  authn_login_fail: 'A wrong password, or an account that cannot sign in.',
  'device.remembered': 'A browser signed in to an account for the first time.',
  'recovery.resumed': 'The owner said "it is me after all": recovery mail goes to the mailbox again.',
  'password.disowned':
    'The owner said "this was not me" to a change of password: everybody was signed out, and its password suspended where it was still the one in force.',
  'notice.number_wrong': 'A wrong number was typed under the link of a notice.',
  session_ended: 'A session ended: the person signed out.',
  'sign_up.code_wrong': 'A wrong code was typed at sign-up.',
  'sign_up.started': 'A sign-up began; no account exists yet.',
  user_created: 'A sign-up was proved and became an account.',
  'case.opened': 'A support case was opened.',
  'case.code_right': 'The number and code of a case were typed: that browser follows it.',
  'case.code_wrong': 'A case number and a code that do not belong together were typed.',
  'case.contact_confirmed': 'The code mailed to the contact of a case was typed.',
  'case.contact_code_wrong': 'A wrong code was typed for the contact of a case.',
  'case.contact_changed': 'A contact that was not confirmed was replaced by another address.',
  'case.moved': 'A case went on; by what and where to is in the facts.',
} as const satisfies Record<string, string>;

export type AuditEvent = keyof typeof auditEvents;
