// English. Every text that a person can meet, as ICU messages; es.ts is its equal. A key names where it stands.

export const en = {
  // On every page
  'page.step': 'Step {step} of {steps}',
  'page.support': 'Contact support',

  // The human check
  'check.label': 'Validation',

  // Mails
  'mail.code-label': 'Verification code',
} as const;
