// English. Every text that a person can meet, as ICU messages; es.ts is its equal. A key names where it stands.

export const en = {
  // On every page
  'page.step': 'Step {step} of {steps}',
  'page.support': 'Contact support',

  // The human check
  'check.label': 'Validation',

  // Mails
  'mail.code-label': 'Verification code',
  'mail.code-life': 'It works for {duration}.',
  'mail.code-secret':
    'Never give it to anyone, not even to us, and never type it on another site. {site} will never ask you for it by phone, chat or email.',
  'mail.not-me': 'This was not me',
  'mail.footer': 'This is an automatic email from {site}.',
  'mail.recovery-code.subject': 'Your verification code for {site}',
  'mail.recovery-code.heading': 'Here is your code',
  'mail.recovery-code.why':
    'Someone, we hope you, forgot the password at {site} and wants to choose a new one. Go back to the page that asks for the code and paste it there.',
  'mail.recovery-code.other-device':
    'Page closed, or on another device? Carry on from here. You will need this same code.',
  'mail.recovery-code.continue': 'Continue here',
  'mail.recovery-code.ignore':
    'You did not ask for this? Then you need do nothing: without the code, nothing changes. To stop these emails, tell us:',
  'mail.no-account.subject': 'There is no account with this address at {site}',
  'mail.no-account.heading': 'No account with this address',
  'mail.no-account.why':
    'Someone, perhaps you, forgot the password at {site} and typed this email address. No account uses it.',
  'mail.no-account.perhaps':
    'Perhaps you signed up at {site} with another address, or you sign in with a button of another company. Try another address, or your user ID.',
  'mail.no-account.again': 'Try another address',
  'mail.no-account.ignore': 'It was not you? Then you need do nothing. Somebody probably mistyped their own address.',
  'mail.password-changed.subject': 'Your password at {site} has been changed',
  'mail.password-changed.heading': 'Your password has been changed',
  'mail.password-changed.what': 'The account {userId} at {site} has a new password since {when}.',
  'mail.password-changed.devices': 'All other devices were signed out.',
  'mail.password-changed.was-you': 'If it was you, all is well and there is nothing left to do.',
  'mail.password-changed.was-not-you': 'If it was not you, tell us now. The sooner we know, the more we can do.',
  'mail.sign-up-code.subject': 'Welcome to {site}: here is your code',
  'mail.sign-up-code.heading': 'Welcome to {site}',
  'mail.sign-up-code.why': 'Only one step is left: go back to the page where you signed up and paste this code.',
  'mail.sign-up-code.ignore': 'You did not sign up? Then you need do nothing: without the code, no account is made.',
  'mail.sign-up-existing.subject': 'You already have an account at {site}',
  'mail.sign-up-existing.heading': 'You already have an account',
  'mail.sign-up-existing.why':
    'Someone, perhaps you, tried to sign up at {site} with this email address. It already belongs to an account, so no new one was made.',
  'mail.sign-up-existing.way': 'If it was you, sign in as always. Forgot the password? You can choose a new one.',
  'mail.sign-up-existing.recover': 'Choose a new password',
  'mail.sign-up-existing.ignore': 'It was not you? Then you need do nothing: your account is as it was.',
} as const;
