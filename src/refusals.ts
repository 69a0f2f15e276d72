// Every refusal and every problem: the HTTP status it answers with. Its name is the message key (`refusal.<name>`) and
// the anchor in docs/refusals.md. No reason that a visitor can get says whether an account exists (D5).

/** Refusals: what an honest person can meet. Returned as values, told in words on the page that can mend them. */
export const refusals = {
  'identifier-missing': 422,
  'identifier-shape': 422,
  'check-missing': 422,
  'check-again': 422,
  'check-late': 422,
  'check-letters': 422,
  'check-wait': 422,
  'check-letters-wrong': 422,
  'code-missing': 422,
  'code-shape': 422,
  'code-wrong': 422,
  'code-expired': 422,
  'tries-used': 422,
  'resend-soon': 429,
  'resend-capped': 429,
  'recovery-missing': 409,
  'recovery-other': 409,
  'recovery-over': 409,
  'recovery-step': 409,
  'recovery-moved': 409,
  'account-missing': 422,
  'password-missing': 422,
  'password-short': 422,
  'password-long': 422,
  'password-common': 422,
  'password-named': 422,
  'passwords-differ': 422,
  'link-over': 410,
  'password-wrong': 422,
  'password-later': 429,
  'password-recover': 422,
  'sign-in-failed': 422,
  'user-id-shape': 422,
  'address-shape': 422,
  'user-id-taken': 422,
  'sign-up-missing': 409,
  'case-kind-missing': 422,
  'case-words-missing': 422,
  'case-words-long': 422,
  'case-number-shape': 422,
  'case-code-shape': 422,
  'case-pair-wrong': 422,
  'case-missing': 409,
  'case-state': 409,
  'too-many': 429,
} as const satisfies Record<string, number>;

/** Problems: a hostile client, a wrong set-up, or overload. Thrown as `Problem`, answered as an error page or RFC 9457 JSON. */
export const problems = {
  'bad-request': 400,
  'cross-site': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'body-too-large': 413,
  'wrong-content-type': 415,
  'wrong-host': 421,
  busy: 503,
  fault: 500,
} as const satisfies Record<string, number>;

export type Refusal = keyof typeof refusals;
export type ProblemName = keyof typeof problems;
